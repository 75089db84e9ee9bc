using System.Globalization;
using System.Text.RegularExpressions;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>
/// The texts in which people configure partitioning and sorting.
/// <code>
/// term   = column | year(column) | month(column) | day(column) | hour(column) | bucket(count, column) | truncate(width, column)
/// column = name | "name with "" doubled quotes"
/// sort   = term [asc | desc] [nulls first | nulls last]
/// </code>
/// Columns are the schema's top-level ones, by exact name. Without a word on nulls they are first when ascending and last when
/// descending. A partition field is named after its column: <c>id</c>, <c>id_bucket</c>, <c>name_trunc</c>, <c>created_at_day</c>.
/// </summary>
internal static partial class TransformText
{
    private const string Column = """(?:"(?<quoted>(?:[^"]|"")+)"|(?<column>[^\s"(),]+))""";
    private const string Term = $"(?:(?<function>[a-z]+)\\s*\\(\\s*(?:(?<number>[0-9]+)\\s*,\\s*)?{Column}\\s*\\)|{Column})";

    public static PartitionSpec ParseSpec(IReadOnlyList<string> texts, IcebergSchema schema)
    {
        var fields = texts.Select((text, i) => PartitionFieldOf(text, PartitionSpec.FirstFieldId + i, schema)).ToArray();
        if (fields.GroupBy(field => field.Name).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            throw new IcebergFormatException(
                $"The partitioning has two fields named '{twice.Key}'; a column can be partitioned once by each kind of transform.");
        }

        return new PartitionSpec(0, fields);
    }

    public static SortOrder ParseSortOrder(IReadOnlyList<string> texts, IcebergSchema schema) =>
        texts.Count == 0 ? SortOrder.Unsorted : new SortOrder(1, texts.Select(text => SortFieldOf(text, schema)).ToArray());

    private static PartitionField PartitionFieldOf(string text, int fieldId, IcebergSchema schema)
    {
        var match = SpecPattern().Match(text);
        if (!match.Success)
        {
            throw new IcebergFormatException($"'{text}' is not a partitioning; it looks like day(created_at), bucket(16, id), truncate(10, name) or id.");
        }

        var (transform, source) = Resolve(match, text, schema);
        var name = FieldName(transform, source.Name);
        if (transform is not Transform.Identity && schema.FindField(name) is not null)
        {
            throw new IcebergFormatException($"'{text}' makes a partition field named '{name}', which a column of the table is named already.");
        }

        return new PartitionField(source.Id, fieldId, name, transform);
    }

    private static SortField SortFieldOf(string text, IcebergSchema schema)
    {
        var match = SortPattern().Match(text);
        if (!match.Success)
        {
            throw new IcebergFormatException($"'{text}' is not a sort field; it looks like id, id desc or day(created_at) asc nulls last.");
        }

        var (transform, source) = Resolve(match, text, schema);
        var direction = match.Groups["direction"].Value.Equals("desc", StringComparison.OrdinalIgnoreCase) ? SortDirection.Descending : SortDirection.Ascending;
        var nulls = match.Groups["nulls"].Value.ToUpperInvariant() switch
        {
            "FIRST" => NullOrder.First,
            "LAST" => NullOrder.Last,
            _ => direction == SortDirection.Ascending ? NullOrder.First : NullOrder.Last,
        };
        return new SortField(transform, source.Id, direction, nulls);
    }

    private static (Transform Transform, NestedField Source) Resolve(Match match, string text, IcebergSchema schema)
    {
        var name = match.Groups["quoted"].Success ? match.Groups["quoted"].Value.Replace("\"\"", "\"", StringComparison.Ordinal) : match.Groups["column"].Value;
        var source = schema.FindField(name)
            ?? throw new IcebergFormatException(
                $"'{text}' names column '{name}', which the table does not have; it has {string.Join(", ", schema.Fields.Select(f => f.Name))}.");
        var transform = TransformOf(match, text);
        return transform.CanTransform(source.Type)
            ? (transform, source)
            : throw new IcebergFormatException($"'{text}': {transform} does not apply to column '{name}' of type {source.Type}.");
    }

    private static Transform TransformOf(Match match, string text)
    {
        var function = match.Groups["function"].Value;
        int? number = match.Groups["number"].Success
            ? int.TryParse(match.Groups["number"].Value, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0
            : null;
        return (function, number) switch
        {
            ("", null) => new Transform.Identity(),
            ("year", null) => new Transform.Year(),
            ("month", null) => new Transform.Month(),
            ("day", null) => new Transform.Day(),
            ("hour", null) => new Transform.Hour(),
            ("bucket", > 0) => new Transform.Bucket(number.Value),
            ("truncate", > 0) => new Transform.Truncate(number.Value),
            ("bucket" or "truncate", _) => throw new IcebergFormatException(
                $"'{text}': {function} takes a number of at least 1 and a column, as in {function}(16, id)."),
            ("year" or "month" or "day" or "hour", _) => throw new IcebergFormatException(
                $"'{text}': {function} takes a column only, as in {function}(created_at)."),
            _ => throw new IcebergFormatException($"'{text}': there is no transform '{function}'; there are year, month, day, hour, bucket and truncate."),
        };
    }

    private static string FieldName(Transform transform, string column) => transform switch
    {
        Transform.Identity => column,
        Transform.Bucket => column + "_bucket",
        Transform.Truncate => column + "_trunc",
        _ => $"{column}_{transform}",
    };

    [GeneratedRegex($"^\\s*{Term}\\s*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SpecPattern();

    [GeneratedRegex($"^\\s*{Term}(\\s+(?<direction>asc|desc))?(\\s+nulls\\s+(?<nulls>first|last))?\\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SortPattern();
}

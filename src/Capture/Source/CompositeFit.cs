using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Which state of a composite type a value of so many fields is of. Pure.</summary>
internal static class CompositeFit
{
    /// <summary>The type of now, else the newest that was seen, else the first fields of now: an attribute is always added behind the others. Null when none has that many.</summary>
    public static string? Choose(string now, IReadOnlyList<SchemaVersion> history, int number, int fieldCount)
    {
        var seen = history.Reverse().SelectMany(version => version.Schema.Columns).Where(column => column.Number == number).Select(column => column.Type);
        return seen.Prepend(now).FirstOrDefault(type => FieldsOf(type)?.Count == fieldCount)
            ?? (FieldsOf(now) is { } fields && fields.Count > fieldCount ? new CompositeType([.. fields.Take(fieldCount)]).ToString() : null);
    }

    private static IReadOnlyList<CompositeField>? FieldsOf(string type) => (PostgresType.Parse(type) as CompositeType)?.Fields;
}

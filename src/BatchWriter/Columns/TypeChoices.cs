using System.Globalization;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Columns;

/// <summary>Where the type map leaves a choice, for the columns of one table.</summary>
/// <param name="Table">For a column without a choice of its own.</param>
internal sealed record TypeChoices(ColumnChoices Table, IReadOnlyDictionary<string, ColumnChoices> Columns)
{
    public static TypeChoices Default { get; } = new(new ColumnChoices(), new Dictionary<string, ColumnChoices>());

    public ColumnChoices Of(string column) => Columns.GetValueOrDefault(column, Table);

    /// <exception cref="PhilotesException">PH201: a choice that there is not.</exception>
    public static TypeChoices From(TableSettings settings)
    {
        var table = Chosen(new ColumnChoices(), settings.Types.GetValueOrDefault("time"), settings.Types.GetValueOrDefault("numeric"), "types");
        return new TypeChoices(table, settings.Columns.ToDictionary(column => column.Key, column => OfColumn(table, column.Key, column.Value), StringComparer.Ordinal));
    }

    private static ColumnChoices OfColumn(ColumnChoices table, string column, ColumnRule rule) =>
        Chosen(table, rule.Time, rule.Numeric, $"columns.{column}") with { AsText = rule.As == ColumnForm.String, Dimensions = rule.Dimensions, Name = rule.Name };

    private static ColumnChoices Chosen(ColumnChoices choices, string? time, string? numeric, string where) => choices with
    {
        NativeTime = time switch
        {
            "time" => true,
            "string" => false,
            null => choices.NativeTime,
            _ => throw Unknown($"{where}.time", time, "string or time"),
        },
        UnboundedNumeric = numeric switch
        {
            null => choices.UnboundedNumeric,
            "string" => null,
            _ => ParseDecimal($"{where}.numeric", numeric),
        },
    };

    private static DecimalType ParseDecimal(string key, string text)
    {
        try
        {
            return IcebergType.Parse(text.Replace(" ", "", StringComparison.Ordinal)) as DecimalType ?? throw Unknown(key, text, "string or decimal(p,s)");
        }
        catch (Iceberg.IcebergFormatException)
        {
            throw Unknown(key, text, "string or decimal(p,s)");
        }
    }

    private static PhilotesException Unknown(string key, string choice, string allowed) => new("PH201",
        string.Create(CultureInfo.InvariantCulture, $"{key} is '{choice}'; it can be {allowed}."));
}

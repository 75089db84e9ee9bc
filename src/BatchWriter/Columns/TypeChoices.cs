using System.Globalization;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Columns;

/// <summary>Where the type map leaves a choice.</summary>
/// <param name="NativeTime"><c>time: time</c> instead of the text that every engine reads.</param>
/// <param name="UnboundedNumeric"><c>numeric: decimal(p,s)</c> for a numeric without precision; null keeps its exact text.</param>
internal sealed record TypeChoices(bool NativeTime, DecimalType? UnboundedNumeric)
{
    public static TypeChoices Default { get; } = new(NativeTime: false, UnboundedNumeric: null);

    /// <summary>From the <c>types</c> section of a table's settings.</summary>
    public static TypeChoices From(IReadOnlyDictionary<string, string> types)
    {
        var time = types.GetValueOrDefault("time", "string");
        var numeric = types.GetValueOrDefault("numeric", "string");
        return new TypeChoices(
            NativeTime: time switch { "time" => true, "string" => false, _ => throw Unknown("time", time, "string or time") },
            UnboundedNumeric: numeric == "string" ? null : ParseDecimal(numeric));
    }

    private static DecimalType ParseDecimal(string text)
    {
        try
        {
            return IcebergType.Parse(text.Replace(" ", "", StringComparison.Ordinal)) as DecimalType ?? throw Unknown("numeric", text, "string or decimal(p,s)");
        }
        catch (Iceberg.IcebergFormatException)
        {
            throw Unknown("numeric", text, "string or decimal(p,s)");
        }
    }

    private static PhilotesException Unknown(string type, string choice, string allowed) => new("PH201",
        string.Create(CultureInfo.InvariantCulture, $"types.{type} is '{choice}'; it can be {allowed}."));
}

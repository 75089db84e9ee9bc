using System.Globalization;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// From the spelling in which keys are compared (<see cref="ValueSpelling"/>) back to the one that Postgres reads. Integers, numbers, texts, uuids, truth values, times of day, dates,
/// timestamps, bytea and floats have one; arrays, composites, hstore and PostGIS' types, of which only a digest or another form is compared, have none. Nor have dates and timestamps
/// outside of the years 1 to 9999.
/// </summary>
internal static class KeySpelling
{
    private const char Between = '|';

    /// <summary>Column to text; null where a column has no way back, or where it is not certain where one ends and the next begins.</summary>
    public static Dictionary<string, string>? ReadBack(IReadOnlyList<VerifiedColumn> columns, string key)
    {
        if (Split(columns, key) is not { } spelled)
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (column, text) in columns.Zip(spelled))
        {
            if (ReadBack(column, text) is not { } value)
                return null;
            values.Add(column.Name, value);
        }

        return values;
    }

    /// <summary>Texts may hold the sign that stands between columns: where one column alone is of text, what is too many is its own.</summary>
    private static string[]? Split(IReadOnlyList<VerifiedColumn> columns, string key)
    {
        var parts = key.Split(Between);
        if (parts.Length == columns.Count)
            return parts;
        var texts = columns.Select((column, i) => (column, i)).Where(found => found.column.LakeType == "VARCHAR").Select(found => found.i).ToList();
        if (parts.Length < columns.Count || texts is not [var at])
            return null;
        var behind = columns.Count - at - 1;
        return [.. parts[..at], string.Join(Between, parts[at..^behind]), .. parts[^behind..]];
    }

    private static string? ReadBack(VerifiedColumn column, string text) => column.LakeType switch
    {
        "INTEGER" or "BIGINT" or "VARCHAR" or "UUID" or "BOOLEAN" or "TIME" => text,
        { } type when type.StartsWith("DECIMAL", StringComparison.Ordinal) => text,
        "DATE" => Moment(Number(text) * TimeSpan.TicksPerDay) is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
        "TIMESTAMP" => Moment(Number(text) * TimeSpan.TicksPerMicrosecond) is { } at ? at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) : null,
        "TIMESTAMP WITH TIME ZONE" => Moment(Number(text) * TimeSpan.TicksPerMicrosecond) is { } at ? at.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture) : null,
        "BLOB" when column.SourceType == "bytea" => @"\x" + text,
        "FLOAT" => text == "NaN" ? text : BitConverter.Int32BitsToSingle(Convert.ToInt32(text, 2)).ToString("R", CultureInfo.InvariantCulture),
        "DOUBLE" => text == "NaN" ? text : BitConverter.Int64BitsToDouble(Convert.ToInt64(text, 2)).ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <param name="ticks">Since 1970; may be far outside of what a <see cref="DateTime"/> holds.</param>
    private static DateTime? Moment(decimal ticks) => ticks + DateTime.UnixEpoch.Ticks is >= 0 and <= 3_155_378_975_999_999_999 and var all ? new DateTime((long)all, DateTimeKind.Utc) : null;
}

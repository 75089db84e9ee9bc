using System.Globalization;

namespace Philotes.BatchWriter.Tables;

/// <summary>Any Postgres identifier is a legal column name, unless Iceberg reserves it or another field has it.</summary>
internal static class FieldNames
{
    private static readonly HashSet<string> Reserved =
        new(["_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number"], StringComparer.Ordinal);

    /// <summary>The name, or the name with the first of <c>_2</c>, <c>_3</c>, … that is free.</summary>
    public static string Free(string name, IEnumerable<string> taken)
    {
        var used = taken.ToHashSet(StringComparer.Ordinal);
        var candidate = name;
        for (var suffix = 2; Reserved.Contains(candidate) || used.Contains(candidate); suffix++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{name}_{suffix}");
        return candidate;
    }
}

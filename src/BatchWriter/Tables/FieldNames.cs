using System.Globalization;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Tables;

/// <summary>Any Postgres identifier is a legal column name, unless Iceberg reserves it or another field has it.</summary>
internal static class FieldNames
{
    private static readonly HashSet<string> Reserved =
        new(["_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number"], StringComparer.Ordinal);

    /// <summary>The name, or the name with the first of <c>_2</c>, <c>_3</c>, … that is free.</summary>
    public static string Free(string name, IEnumerable<string> taken) => Free(name, taken.ToHashSet(StringComparer.Ordinal), []);

    /// <summary>
    /// The same for a field of some type beside others. Readers find a nested field by its path, so a column <c>v.x</c> and the field <c>x</c> of a struct
    /// <c>v</c> cannot be in one table either.
    /// </summary>
    public static string Free(string name, IEnumerable<NestedField> others, IcebergType type) =>
        Free(name, others.SelectMany(static field => Paths(field, prefix: "")).ToHashSet(StringComparer.Ordinal), [.. ChildPaths(type)]);

    private static string Free(string name, HashSet<string> used, IReadOnlyList<string> below)
    {
        var candidate = name;
        for (var suffix = 2; Reserved.Contains(candidate) || used.Contains(candidate) || below.Any(path => used.Contains(candidate + path)); suffix++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{name}_{suffix}");
        return candidate;
    }

    private static IEnumerable<string> Paths(NestedField field, string prefix) =>
        ChildPaths(field.Type).Select(path => prefix + field.Name + path).Prepend(prefix + field.Name);

    private static IEnumerable<string> ChildPaths(IcebergType type) => IcebergSchema.ChildrenOf(type).SelectMany(static child => Paths(child, prefix: "."));
}

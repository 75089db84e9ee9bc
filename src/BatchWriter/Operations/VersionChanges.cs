using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>What differs between two versions of a table, in words. Pure.</summary>
internal static class VersionChanges
{
    public static IReadOnlyList<string> Between(TableSchema? before, TableSchema after)
    {
        if (before is null)
            return [$"first seen as {after.Name}, with {after.Columns.Count} columns"];
        var changes = new List<string>();
        if (before.Name != after.Name)
            changes.Add($"{before.Name} is {after.Name}");
        var earlier = before.Columns.ToDictionary(Key);
        foreach (var column in after.Columns)
        {
            if (!earlier.Remove(Key(column), out var old))
                changes.Add($"{column.Name} added, {column.Type}");
            else
                changes.AddRange(Between(old, column));
        }

        changes.AddRange(earlier.Values.Select(column => after.Dropped.Contains(column.Number) ? $"{column.Name} dropped" : $"{column.Name} no longer sent"));
        if (before.ReplicaIdentity != after.ReplicaIdentity)
            changes.Add($"replica identity {Identity(before.ReplicaIdentity)} is {Identity(after.ReplicaIdentity)}");
        else if (!Keys(before).SequenceEqual(Keys(after)))
            changes.Add($"key ({string.Join(", ", Keys(before))}) is ({string.Join(", ", Keys(after))})");
        return changes.Count > 0 ? changes : ["described anew"];
    }

    private static IEnumerable<string> Between(ColumnSchema old, ColumnSchema column)
    {
        if (old.Name != column.Name)
            yield return $"{old.Name} is {column.Name}";
        if (old.Type != column.Type)
            yield return $"{column.Name} {old.Type} is {column.Type}";
    }

    private static string Key(ColumnSchema column) => column.Number > 0 ? $"#{column.Number}" : column.Name;

    private static IEnumerable<string> Keys(TableSchema schema) => schema.Columns.Where(column => column.IsKey).Select(column => column.Name);

    private static string Identity(char identity) => identity switch { 'f' => "full", 'n' => "nothing", 'i' => "index", _ => "default" };
}

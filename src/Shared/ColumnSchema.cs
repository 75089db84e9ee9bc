namespace Philotes.Shared;

/// <summary>One column of one schema version, as the RELATION message and the source's catalog describe it.</summary>
/// <param name="Name">The column's name at the source, unquoted.</param>
/// <param name="Type">The type that the column's text has, in the words of <see cref="PostgresType"/>.</param>
/// <param name="IsKey">Part of the replica identity that the source sends (all columns under REPLICA IDENTITY FULL).</param>
public sealed record ColumnSchema(string Name, string Type, bool IsKey)
{
    /// <summary>pg_attribute.attnum: the column itself, whatever it is called; never used again in its table. 0 when unknown: then the name tells columns apart.</summary>
    public int Number { get; init; }
}

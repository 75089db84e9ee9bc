namespace Philotes.Shared;

/// <summary>One column of one schema version, as the RELATION message and the source's catalog describe it.</summary>
/// <param name="Name">The column's name at the source, unquoted.</param>
/// <param name="Type">
/// The type that the column's text has, domains resolved to their base: <c>format_type</c>'s words for a built-in type with its
/// modifier (<c>numeric(10,2)</c>, <c>timestamp with time zone</c>, <c>character(4)</c>, <c>integer[]</c>), <c>enum</c> for an
/// enum, and the schema-qualified name for every other type.
/// </param>
/// <param name="IsKey">Part of the replica identity that the source sends (all columns under REPLICA IDENTITY FULL).</param>
public sealed record ColumnSchema(string Name, string Type, bool IsKey)
{
    /// <summary>pg_attribute.attnum: the column itself, whatever it is called; never used again in its table. 0 when unknown: then the name tells columns apart.</summary>
    public int Number { get; init; }
}

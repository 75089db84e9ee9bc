namespace Philotes.DuckDb;

/// <summary>A named column or a field of a struct.</summary>
public sealed record DuckDbField(string Name, DuckDbType Type);

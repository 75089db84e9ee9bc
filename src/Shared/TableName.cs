namespace Philotes.Shared;

/// <summary>A source table as Postgres names it: any text of 1 to 63 bytes in each part, unquoted.</summary>
public readonly record struct TableName(string Schema, string Table)
{
    /// <summary>For people: <c>schema.table</c>. Not SQL; quote the parts for that.</summary>
    public override string ToString() => $"{Schema}.{Table}";
}

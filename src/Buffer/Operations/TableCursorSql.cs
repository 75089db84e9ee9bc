namespace Philotes.Buffer.Operations;

internal static class TableCursorSql
{
    /// <summary>Parameter: table. Zero or one row.</summary>
    public const string Find = """
        select k.committed_seq, k.claimed_seq, h.head_seq, k.state
        from philotes.table_cursor as k
        join philotes.table_head as h using (table_id)
        where k.table_id = @table::int
        """;
}

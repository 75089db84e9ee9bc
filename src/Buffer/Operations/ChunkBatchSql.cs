namespace Philotes.Buffer.Operations;

internal static class ChunkBatchSql
{
    /// <summary>
    /// The next chunks of a table, up to a limit that the caller applies. Parameters: table, from, to. Returns table_seq, schema_id, tx_open,
    /// row_count, byte_count, last_lsn, last_ts.
    /// </summary>
    public const string Next = """
        select table_seq, schema_id, tx_open, row_count, byte_count, last_lsn::text, last_ts
        from philotes.chunk
        where table_id = @table::int and table_seq between @from::bigint and @to::bigint
        order by table_seq
        limit 10000
        """;

    /// <summary>The chunks of a table within commit positions. Parameters: table, from_lsn, to_lsn (null for any). Returns first, last, events.</summary>
    public const string Range = """
        select min(table_seq), max(table_seq), coalesce(sum(row_count), 0)::bigint
        from philotes.chunk
        where table_id = @table::int
          and (@from_lsn::pg_lsn is null or last_lsn >= @from_lsn::pg_lsn)
          and (@to_lsn::pg_lsn is null or first_lsn <= @to_lsn::pg_lsn)
        """;
}

namespace Philotes.Buffer;

internal static class LedgerSql
{
    /// <summary>
    /// Claims an expired batch, a due retry or new work. Parameters: worker, rows, bytes, lease, least rows, greatest age. Returns zero or
    /// one row; locks the batch or the table's cursor, skipping what is locked.
    /// </summary>
    public const string Claim = """
        select batch_id, table_id, from_seq, to_seq, schema_id, state, claim_token, attempt, row_count, byte_count, last_lsn::text, last_ts,
               files::text, snapshot_id, request_id
        from philotes.claim_batch(@worker, @rows, @bytes, @lease, @least, @age)
        """;

    /// <summary>Parameters: batch, token, lease. Returns false when the batch is no longer this token's.</summary>
    public const string Renew = "select philotes.renew_lease(@batch, @token, @lease)";

    /// <summary>Parameters: batch, token, to (its last chunk), files (jsonb), snapshot, request. Returns false when the batch is no longer this token's, or another.</summary>
    public const string Stage = """
        select case when exists (select from philotes.batch where batch_id = @batch and to_seq = @to)
                    then philotes.stage_batch(@batch, @token, @files::jsonb, @snapshot, @request) else false end
        """;

    /// <summary>Parameters: batch, token, last. Raises PH001 when fenced.</summary>
    public const string Grow = "select to_seq, row_count, byte_count, last_lsn::text, last_ts, more from philotes.grow_batch(@batch, @token, @last)";

    /// <summary>Parameters: batch, token, snapshot. Raises PH001 when fenced, PH003 when an earlier batch is not committed.</summary>
    public const string Finish = "select philotes.finish_batch(@batch, @token, @snapshot)";

    /// <summary>Parameters: batch, token, code, text, delay, block. Returns false when the batch is no longer this token's.</summary>
    public const string Fail = "select philotes.fail_batch(@batch, @token, @code, @text, @delay, @block)";

    /// <summary>Parameters: batch, token. Returns null when the batch is no longer this token's.</summary>
    public const string CommitTurn = "select philotes.commit_turn(@batch, @token)";

    /// <summary>Parameters: batch, token, items (jsonb). Returns how many were new; raises PH001 when fenced.</summary>
    public const string Park = "select philotes.park_events(@batch, @token, @items::jsonb)";

    /// <summary>Parameters: batch, token, items (jsonb). Returns how many were recorded; raises PH001 when fenced.</summary>
    public const string RecordValueExceptions = "select philotes.record_value_exceptions(@batch, @token, @items::jsonb)";

    /// <summary>Parameter: table.</summary>
    public const string Table = """
        select t.table_id, t.schema_name, t.table_name, s.name, t.incarnation
        from philotes.source_table as t
        join philotes.source as s using (source_id)
        where t.table_id = @table
        """;

    /// <summary>Parameter: table. Returns one boolean.</summary>
    public const string EarlierAreCommitted = """
        select not exists (
            select
            from philotes.source_table as t
            join philotes.source_table as e using (source_id, schema_name, table_name)
            join philotes.table_head as h on h.table_id = e.table_id
            join philotes.table_cursor as k on k.table_id = e.table_id
            where t.table_id = @table and e.incarnation < t.incarnation and k.committed_seq < h.head_seq and k.state <> 'dropped')
        """;

    /// <summary>Every table, of every source.</summary>
    public const string Tables = """
        select t.table_id, t.schema_name, t.table_name, s.name, t.incarnation
        from philotes.source_table as t
        join philotes.source as s using (source_id)
        """;

    /// <summary>Parameter: limits (jsonb). Returns how many tables got other limits than they had.</summary>
    public const string DeclareLimits = "select philotes.declare_limits(@limits::jsonb)";

    /// <summary>Events of the batch's chunks that stand parked. Parameters: table, from, to. Returns generation, chunk, ord.</summary>
    public const string Parked = """
        select d.gen, d.chunk, d.ord
        from philotes.dead_letter as d
        join philotes.chunk as c on c.table_id = d.table_id and c.chunk = d.chunk and c.gen = d.gen
        where d.table_id = @table and c.table_seq between @from and @to and d.resolution is null
        """;
}

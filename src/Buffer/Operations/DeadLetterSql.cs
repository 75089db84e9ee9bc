namespace Philotes.Buffer.Operations;

internal static class DeadLetterSql
{
    /// <summary>
    /// Dead letters with their events, in the source's order by table. Parameters: schema, table, code, lsn, seq, open (null for any), limit.
    /// </summary>
    public const string List = """
        select d.table_id, t.schema_name, t.table_name, e.commit_lsn::text, e.tx_seq, e.op::text, d.batch_id, d.parked_at, d.error_code, d.error_text,
               d.resolution, d.resolved_at, d.resolved_by, d.reason,
               philotes.decode_tuple(e.old_row, z.column_names)::text, philotes.decode_tuple(e.new_row, z.column_names)::text,
               c.table_seq <= k.committed_seq, d.gen, d.chunk, d.ord, c.table_seq, c.schema_id, e.new_row, d.rewritten_row
        from philotes.dead_letter as d
        join philotes.source_table as t using (table_id)
        join philotes.table_cursor as k using (table_id)
        join philotes.chunk as c on c.gen = d.gen and c.table_id = d.table_id and c.chunk = d.chunk
        cross join lateral philotes.event_at(d.gen, d.chunk, d.ord) as e
        join philotes.table_schema as z on z.schema_id = c.schema_id
        where (@schema::text is null or t.schema_name = @schema::text)
          and (@table::text is null or t.table_name = @table::text)
          and (@code::text is null or d.error_code = @code::text)
          and (@lsn::pg_lsn is null or (e.commit_lsn = @lsn::pg_lsn and e.tx_seq = @seq::bigint))
          and (@open::boolean is null or (d.resolution is null) = @open::boolean)
        order by t.schema_name, t.table_name, c.table_seq, d.ord
        limit @limit::bigint
        """;

    /// <summary>How many are open, by table and code, with one of each. Parameters: schema, table.</summary>
    public const string Groups = """
        select t.schema_name, t.table_name, d.error_code, count(*), min(d.parked_at), max(d.parked_at), (array_agg(d.error_text order by d.chunk, d.ord))[1]
        from philotes.dead_letter as d
        join philotes.source_table as t using (table_id)
        where d.resolution is null
          and (@schema::text is null or t.schema_name = @schema::text)
          and (@table::text is null or t.table_name = @table::text)
        group by t.schema_name, t.table_name, d.error_code
        order by count(*) desc, t.schema_name, t.table_name, d.error_code
        """;

    /// <summary>Parameters: table, resolution, items (jsonb), actor, reason. Returns the repair; raises PH015, PH016.</summary>
    public const string OpenRepair = "select philotes.open_repair(@table, @resolution, @items::jsonb, @actor, @reason)";

    /// <summary>The open repair of a table. Parameter: table. Zero or one row.</summary>
    public const string FindRepair = """
        select repair_id, resolution, items::text, files::text, snapshot_id, request_id
        from philotes.repair
        where table_id = @table::int and state = 'open'
        """;

    /// <summary>Parameters: repair, files (jsonb), snapshot, request. False when it was staged already.</summary>
    public const string StageRepair = "select philotes.stage_repair(@repair, @files::jsonb, @snapshot, @request)";

    /// <summary>Parameters: repair, snapshot, mark. Returns how many dead letters are resolved.</summary>
    public const string FinishRepair = "select philotes.finish_repair(@repair, @snapshot, @mark)";

    /// <summary>Parameter: repair. False when something of it may have been sent.</summary>
    public const string CancelRepair = "select philotes.cancel_repair(@repair)";

    /// <summary>Parameters: table, items (jsonb), actor, reason. Raises PH016.</summary>
    public const string Skip = "select philotes.skip_dead_letters(@table, @items::jsonb, @actor, @reason)";

    /// <summary>What stands decided about events of a run of chunks. Parameters: table, from, to. Returns chunk, ord, resolution (null: open), corrected image.</summary>
    public const string Fates = """
        select d.chunk, d.ord, d.resolution, d.rewritten_row
        from philotes.dead_letter as d
        join philotes.chunk as c on c.table_id = d.table_id and c.chunk = d.chunk and c.gen = d.gen
        where d.table_id = @table::int and c.table_seq between @from::bigint and @to::bigint and d.resolution is distinct from 'retry'
        """;

    /// <summary>Keys whose changes wait. Parameter: table.</summary>
    public const string ParkedKeys = "select distinct key_hash from philotes.dead_letter where table_id = @table::int and resolution is null and key_hash is not null";

    /// <summary>A number that no other attempt has.</summary>
    public const string NextAttempt = "select philotes.next_attempt()";
}

namespace Philotes.Buffer.Operations;

/// <summary>
/// Events are found through the chunk directory, which knows tables, positions and times; only the events of chunks that fit are read, and
/// only those are decoded. Locks nothing.
/// </summary>
internal static class EventSql
{
    /// <summary>Entered chunks, then those that wait for their table's copy, in the order in which the lake gets a table's.</summary>
    private const string Directory = """
        (
            select gen, source_id, chunk, table_id, table_seq, schema_id, first_lsn, last_lsn, last_ts, copied, table_seq as place
            from philotes.chunk
            union all
            select gen, source_id, chunk, table_id, null, schema_id, first_lsn, last_lsn, last_ts, false, 4611686018427387904 + held_no
            from philotes.held_chunk
        ) as c
        """;

    private const string Chunks = $"""
        with chosen as materialized (
            select c.*
            from {Directory}
            join philotes.source_table as t using (table_id)
            where (@schema::text is null or t.schema_name = @schema::text)
              and (@table::text is null or t.table_name = @table::text)
              and (@from_lsn::pg_lsn is null or c.last_lsn >= @from_lsn::pg_lsn)
              and (@to_lsn::pg_lsn is null or c.first_lsn <= @to_lsn::pg_lsn)
              and (@after_lsn::pg_lsn is null or c.last_lsn >= @after_lsn::pg_lsn)
              and (@from_time::timestamptz is null or c.last_ts >= @from_time::timestamptz)
              and (@chunk_numbers::bigint[] is null
                   or (c.source_id = @source_id::int and c.gen = any(@gens::int[]) and c.chunk = any(@chunk_numbers::bigint[])))
            order by c.last_lsn desc, c.chunk desc
            limit @chunks::bigint
        ), found as (
            select s.name as source, t.schema_name, t.table_name, e.commit_lsn, e.tx_seq, e.xid, e.commit_ts, e.op,
                   e.old_row, e.new_row, z.column_names, b.batch_id, b.snapshot_id, b.files, k.state as table_state, k.state_reason, b.error_code,
                   b.error_text, d.error_code as parked_code, d.error_text as parked_text, c.table_seq, c.place, e.gen, e.chunk, e.ord,
                   y.state as copy_state, y.error_code as copy_code, y.error_text as copy_text,
                   case when c.copied then e.tx_seq >> 32 end as range, r.relation_oid, r.first_block, r.end_block,
                   case when d.table_id is not null then 'parked'
                        when c.table_seq is null then 'held'
                        when c.table_seq <= k.committed_seq then 'committed'
                        else coalesce(b.state, 'pending') end as status
            from chosen as c
            cross join lateral philotes.events_of(c.gen, c.chunk) as e
            join philotes.source as s on s.source_id = c.source_id
            join philotes.source_table as t on t.table_id = c.table_id
            join philotes.table_schema as z on z.schema_id = c.schema_id
            join philotes.table_cursor as k on k.table_id = c.table_id
            left join philotes.batch as b on b.table_id = c.table_id and c.table_seq between b.from_seq and b.to_seq and b.state <> 'rewound'
            left join philotes.dead_letter as d on d.table_id = c.table_id and d.chunk = e.chunk and d.ord = e.ord and d.resolution is null
            left join philotes.table_copy as y on y.table_id = c.table_id
            left join philotes.copy_range as r
              on c.copied and y.point - e.commit_lsn = 1 and r.table_id = y.table_id and r.attempt = y.attempt and r.ordinal = e.tx_seq >> 32
            where (@from_lsn::pg_lsn is null or e.commit_lsn >= @from_lsn::pg_lsn)
              and (@to_lsn::pg_lsn is null or e.commit_lsn <= @to_lsn::pg_lsn)
              and (@after_lsn::pg_lsn is null or (e.commit_lsn, e.tx_seq) > (@after_lsn::pg_lsn, @after_seq::bigint))
              and (@from_time::timestamptz is null or e.commit_ts >= @from_time::timestamptz)
              and (@to_time::timestamptz is null or e.commit_ts <= @to_time::timestamptz)
              and (@op::text is null or e.op = @op::text::"char")
              and (@key::jsonb is null
                   or philotes.decode_tuple(e.new_row, z.column_names) @> @key::jsonb
                   or philotes.decode_tuple(e.old_row, z.column_names) @> @key::jsonb)
        )
        """;

    private const string Shown = """
        select source, schema_name, table_name, commit_lsn::text, tx_seq, xid, commit_ts, op::text,
               philotes.decode_tuple(old_row, column_names)::text, philotes.decode_tuple(new_row, column_names)::text,
               status, batch_id, snapshot_id, files::text,
               case when status = 'committed' then null
                    when status = 'held' then 'it waits for the table''s copy' || coalesce(': ' || copy_code || ': ' || copy_text, ', which is ' || copy_state)
                    when status = 'parked' then parked_code || ': ' || parked_text
                    when error_code is not null then error_code || ': ' || coalesce(error_text, '')
                    when table_state <> 'active' then 'the table is ' || table_state || coalesce(': ' || state_reason, '') end,
               table_seq, gen, chunk, ord, range, relation_oid::bigint, first_block, end_block
        from found
        where @status::text is null or status = @status::text
        """;

    /// <summary>The first events that fit, in the source's order. Parameters: those of the filter, chunks, limit.</summary>
    public const string First = Chunks + Shown + " order by found.commit_lsn, tx_seq limit @limit::bigint";

    /// <summary>The last events that fit, newest first. Parameters: those of the filter, chunks, limit.</summary>
    public const string Last = Chunks + Shown + " order by found.commit_lsn desc, tx_seq desc limit @limit::bigint";

    /// <summary>All events of some of one table's chunks that fit, in the source's order. Parameters: those of the filter, source_id, gens, chunk_numbers, chunks.</summary>
    public const string OfChunks = Chunks + Shown + " order by place, ord";

    /// <summary>
    /// The chunks of tables that fit, by table, each table's in the source's order. A chunk keeps its number when it is entered, and its place then changes.
    /// Parameters: schema, table, from_lsn, to_lsn. Returns schema, table, table id, source id, generation, number.
    /// </summary>
    public const string ChunksOf = $"""
        select t.schema_name, t.table_name, t.table_id, c.source_id, c.gen, c.chunk
        from {Directory}
        join philotes.source_table as t using (table_id)
        where (@schema::text is null or t.schema_name = @schema::text)
          and (@table::text is null or t.table_name = @table::text)
          and (@from_lsn::pg_lsn is null or c.last_lsn >= @from_lsn::pg_lsn)
          and (@to_lsn::pg_lsn is null or c.first_lsn <= @to_lsn::pg_lsn)
        order by t.schema_name, t.table_name, t.table_id, c.place
        """;

    /// <summary>How many of these chunks are still there. Parameters: source_id, gens, chunk_numbers.</summary>
    public const string ChunksLeft = $"""
        select count(*)
        from {Directory}
        where c.source_id = @source_id::int and c.gen = any(@gens::int[]) and c.chunk = any(@chunk_numbers::bigint[])
        """;

    /// <summary>Counts what fits by table, operation and status. Parameters: those of the filter, chunks.</summary>
    public const string Count = Chunks + """
        select schema_name, table_name, op::text, status, count(*), min(commit_lsn)::text, max(commit_lsn)::text
        from found
        where @status::text is null or status = @status::text
        group by schema_name, table_name, op, status
        order by schema_name, table_name, op::text, status
        """;

    /// <summary>The key columns of a table's newest schema. Parameters: schema, table. Zero or one row.</summary>
    public const string KeyColumns = """
        select z.key_columns
        from philotes.table_schema as z
        join philotes.source_table as t using (table_id)
        where t.schema_name = @schema and t.table_name = @table
        order by z.schema_id desc
        limit 1
        """;
}

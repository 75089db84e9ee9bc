namespace Philotes.Buffer.Operations;

internal static class BatchEntrySql
{
    private const string Entry = """
        select b.batch_id, s.name, t.schema_name, t.table_name, b.state, b.from_seq, b.to_seq, b.row_count, b.byte_count, b.attempt, b.claimed_by,
               b.claimed_at, b.lease_until, b.next_try_at, b.snapshot_id, b.committed_at, b.last_lsn::text, b.last_ts, b.error_code, b.error_text, b.files::text,
               (select count(*) from philotes.dead_letter as d where d.batch_id = b.batch_id and d.resolution is null)
        from philotes.batch as b
        join philotes.source_table as t using (table_id)
        join philotes.source as s using (source_id)
        """;

    /// <summary>Parameters: schema, table, state (null for any), limit.</summary>
    public const string List = Entry + """

        where (@schema::text is null or t.schema_name = @schema::text)
          and (@table::text is null or t.table_name = @table::text)
          and (@state::text is null or b.state = @state::text)
        order by b.batch_id desc
        limit @limit::bigint
        """;

    /// <summary>Parameter: batch.</summary>
    public const string Find = Entry + "\nwhere b.batch_id = @batch::bigint";

    /// <summary>Parameters: schema, table, batch (null for any), limit.</summary>
    public const string Files = """
        select f ->> 'path', (f ->> 'rows')::bigint, (f ->> 'bytes')::bigint, b.batch_id, t.schema_name, t.table_name, b.state, b.snapshot_id, b.committed_at
        from philotes.batch as b
        join philotes.source_table as t using (table_id)
        cross join lateral jsonb_array_elements(b.files -> 'files') as f
        where (@schema::text is null or t.schema_name = @schema::text)
          and (@table::text is null or t.table_name = @table::text)
          and (@batch::bigint is null or b.batch_id = @batch::bigint)
          and b.state <> 'rewound'
        order by b.batch_id desc, f ->> 'path'
        limit @limit::bigint
        """;
}

namespace Philotes.Buffer.Operations;

internal static class ReplaySql
{
    /// <summary>Newest first. A table that is copied again counts ranges where others count chunks. Parameters: replay (null for all), limit.</summary>
    public const string List = """
        select r.replay_id, r.table_id, t.schema_name, t.table_name, r.mode,
               case when r.mode = 'table' and r.state = 'running' and philotes.table_replay_is_done(r) then 'done' else r.state end,
               r.from_seq, case when r.mode = 'table' then coalesce(y.ranges, 0) else r.to_seq end, r.from_lsn::text, r.to_lsn::text, r.target,
               r.head, r.snapshot, case when r.mode = 'table' then 1 + coalesce(y.ranges_done, 0) else r.next_seq end, r.plan::text, r.planned_at, r.planned_by,
               r.run_at, r.run_by, r.reason, r.ended_at, k.committed_seq
        from philotes.replay as r
        join philotes.source_table as t using (table_id)
        join philotes.table_cursor as k using (table_id)
        left join philotes.v_copy as y on y.table_id = r.table_id and y.attempt >= r.attempt
        where @replay::bigint is null or r.replay_id = @replay::bigint
        order by r.replay_id desc
        limit @limit::bigint
        """;

    /// <summary>Parameters: table, mode, from, to, from_lsn, to_lsn, target, head, snapshot, plan (jsonb), actor. Returns the replay's number.</summary>
    public const string Plan = """
        select philotes.plan_replay(@table, @mode, @from::bigint, @to::bigint, @from_lsn::text::pg_lsn, @to_lsn::text::pg_lsn, @target::text, @head::bigint,
                                    @snapshot::bigint, @plan::jsonb, @actor)
        """;

    /// <summary>Parameters: table, predicate, plan (jsonb), actor. Returns the replay's number.</summary>
    public const string PlanTable = "select philotes.plan_table_replay(@table, @predicate::text, @plan::jsonb, @actor)";

    /// <summary>Parameters: replay, actor, reason. Raises PH017.</summary>
    public const string BeginTable = "select philotes.begin_table_replay(@replay, @actor, @reason)";

    /// <summary>Parameters: replay, actor, reason. Raises PH017.</summary>
    public const string CancelTable = "select philotes.cancel_table_replay(@replay, @actor, @reason)";

    /// <summary>Parameters: replay, actor, reason. Raises PH010, PH013, PH015, PH017.</summary>
    public const string Begin = "select philotes.begin_replay(@replay, @actor, @reason)";

    /// <summary>Parameters: replay, next.</summary>
    public const string Advance = "select philotes.advance_replay(@replay, @next)";

    /// <summary>Parameters: replay, state, actor, reason. Returns the state before; raises PH017.</summary>
    public const string End = "select philotes.end_replay(@replay, @state, @actor, @reason)";

    /// <summary>Parameters: table, seq, actor. Returns snapshot and batches; raises PH010 to PH013.</summary>
    public const string Rewind = "select snapshot_returned, batches_rewound from philotes.rewind_table(@table, @seq, @actor)";

    /// <summary>
    /// The newest committed batch of a table that ends before a position, a time or a batch. Parameters: table, before_lsn, before_time, batch
    /// (null for any). Returns batch, to_seq, snapshot, last_lsn.
    /// </summary>
    public const string Target = """
        select batch_id, to_seq, snapshot_id, last_lsn::text
        from philotes.batch
        where table_id = @table::int and state = 'committed'
          and (@before_lsn::pg_lsn is null or last_lsn < @before_lsn::pg_lsn)
          and (@before_time::timestamptz is null or last_ts < @before_time::timestamptz)
          and (@batch::bigint is null or batch_id = @batch::bigint)
        order by to_seq desc
        limit 1
        """;

    /// <summary>What is behind a chunk of a table. Parameters: table, from. Returns batches, events of them, head_seq, whether every chunk is still there.</summary>
    public const string Behind = """
        select (select count(*) from philotes.batch as b where b.table_id = h.table_id and b.from_seq >= @from::bigint and b.state = 'committed')::int,
               (select coalesce(sum(b.row_count), 0) from philotes.batch as b where b.table_id = h.table_id and b.from_seq >= @from::bigint and b.state = 'committed')::bigint,
               h.head_seq,
               (select count(*) from philotes.chunk as c join philotes.generation as g using (gen)
                 where c.table_id = h.table_id and c.table_seq >= @from::bigint and g.dropped_at is null) = greatest(h.head_seq - @from::bigint + 1, 0)
        from philotes.table_head as h
        where h.table_id = @table::int
        """;

    /// <summary>Whether a batch of the table is in flight. Parameter: table.</summary>
    public const string InFlight = """
        select exists (select 1 from philotes.batch where table_id = @table::int and state in ('claimed', 'committing') and lease_until > clock_timestamp())
        """;
}

namespace Philotes.Buffer;

internal static class CopySql
{
    /// <summary>Parameters: source, epoch, name, identity, point, taken, pid, start. Returns the number; nothing when another epoch has begun.</summary>
    public const string EnterSnapshot = """
        insert into philotes.copy_snapshot (source_id, name, identity, point, taken_at, keeper_pid, keeper_start)
        select s.source_id, @name, @identity, @point::text::pg_lsn, @taken, @pid, @start
        from philotes.source as s
        where s.source_id = @source and s.capture_epoch = @epoch
        for share
        returning snapshot_id
        """;

    /// <summary>The snapshot is held by another session now. Parameters: snapshot, name, pid, start.</summary>
    public const string MoveSnapshot = """
        update philotes.copy_snapshot
        set name = @name, keeper_pid = @pid, keeper_start = @start
        where snapshot_id = @snapshot
        """;

    /// <summary>Parameter: source.</summary>
    public const string Snapshots = """
        select snapshot_id, name, identity, point::text, taken_at, keeper_pid, keeper_start
        from philotes.copy_snapshot
        where source_id = @source
        order by snapshot_id
        """;

    /// <summary>Forgets snapshots that no unfinished copy needs. Parameters: source, those that may still get tables. Returns the forgotten numbers.</summary>
    public const string ForgetSnapshots = """
        with needed as (
            select snapshot_id from philotes.table_copy where state = 'copying' and snapshot_id is not null
        ), released as (
            update philotes.table_copy as t set snapshot_id = null
            from philotes.copy_snapshot as x
            where t.snapshot_id = x.snapshot_id and x.source_id = @source and t.state <> 'copying' and not (x.snapshot_id = any(@keep))
              and x.snapshot_id not in (select snapshot_id from needed)
        )
        select x.snapshot_id
        from philotes.copy_snapshot as x
        where x.source_id = @source and not (x.snapshot_id = any(@keep)) and x.snapshot_id not in (select snapshot_id from needed)
        """;

    /// <summary>Parameter: snapshot.</summary>
    public const string DeleteSnapshot = "delete from philotes.copy_snapshot where snapshot_id = @snapshot";

    /// <summary>Tables in a state whose next try is due. Parameters: source, state.</summary>
    public const string Tables = """
        select c.table_id, t.schema_name, t.table_name, t.relation_oid::bigint, c.attempt, c.state, c.predicate,
               case when c.gone_attempt = c.attempt then c.gone end::text, c.whole, c.needs_bytes
        from philotes.table_copy as c
        join philotes.source_table as t using (table_id)
        where t.source_id = @source and c.state = @state and (c.next_try_at is null or c.next_try_at <= clock_timestamp())
        order by c.table_id
        """;

    /// <summary>As <see cref="Tables"/> in state copying, of one snapshot. Parameters: source, snapshot.</summary>
    public const string TablesOfSnapshot = """
        select c.table_id, t.schema_name, t.table_name, t.relation_oid::bigint, c.attempt, c.state, c.predicate,
               case when c.gone_attempt = c.attempt then c.gone end::text, c.whole, c.needs_bytes
        from philotes.table_copy as c
        join philotes.source_table as t using (table_id)
        where t.source_id = @source and c.state = 'copying' and c.snapshot_id = @snapshot
        """;

    /// <summary>Tables with every range done. Parameter: source.</summary>
    public const string Finishable = """
        select c.table_id, t.schema_name, t.table_name, t.relation_oid::bigint, c.attempt, c.state, c.predicate,
               case when c.gone_attempt = c.attempt then c.gone end::text, c.whole, c.needs_bytes
        from philotes.table_copy as c
        join philotes.source_table as t using (table_id)
        where t.source_id = @source and c.state = 'copying'
          and not exists (select 1 from philotes.copy_range as r where r.table_id = c.table_id and r.attempt = c.attempt and r.done_at is null)
        """;

    /// <summary>
    /// The next range: small tables first, a table's ranges in order, a truncate before all others of its table, and none while the copies
    /// that the lake does not have yet fill their budget, to which copies that are whole do not belong. Parameters: source, busy (keys of ranges in work), budget (bytes). Zero or one row.
    /// </summary>
    public const string NextRange = """
        select c.table_id, t.schema_name, t.table_name, t.relation_oid::bigint, c.attempt, c.state, c.predicate,
               case when c.gone_attempt = c.attempt then c.gone end::text, c.whole, c.needs_bytes,
               r.ordinal, r.relation_oid::bigint, r.first_block, r.end_block, c.schema_id,
               x.snapshot_id, x.name, x.identity, x.point::text, x.taken_at, x.keeper_pid, x.keeper_start
        from philotes.copy_range as r
        join philotes.table_copy as c on c.table_id = r.table_id and c.attempt = r.attempt
        join philotes.source_table as t on t.table_id = r.table_id
        join philotes.source as s on s.source_id = t.source_id
        join philotes.copy_snapshot as x on x.snapshot_id = c.snapshot_id
        where t.source_id = @source and c.state = 'copying' and r.done_at is null and not s.copy_paused
          and (c.next_try_at is null or c.next_try_at <= clock_timestamp())
          and not (((r.table_id::bigint << 32) | r.ordinal) = any(@busy))
          and (r.ordinal = 0 or not exists (
              select 1 from philotes.copy_range as z where z.table_id = r.table_id and z.attempt = r.attempt and z.ordinal = 0 and z.done_at is null))
          and (c.whole or @budget > (
              select coalesce(sum(q.byte_count), 0)
              from philotes.table_copy as y
              join philotes.table_cursor as k on k.table_id = y.table_id
              join philotes.chunk as q on q.table_id = y.table_id and q.table_seq > k.committed_seq and q.copied
              where not y.whole and (y.finished_seq is null or k.committed_seq < y.finished_seq)))
        order by c.bytes_expected nulls first, r.table_id, r.ordinal
        limit 1
        """;

    /// <summary>
    /// The version that copied rows have: the one that holds at the point if it is the same, or the next behind it if that is. -1: the next one
    /// is another, so that what holds at the point would come out of order. Null: there is none. Parameters: table, fingerprint, point.
    /// </summary>
    public const string Schema = """
        with at as (
            select schema_id, fingerprint from philotes.table_schema
            where table_id = @table and valid_from <= @point::text::pg_lsn order by schema_id desc limit 1
        ), behind as (
            select schema_id, fingerprint from philotes.table_schema
            where table_id = @table and valid_from > @point::text::pg_lsn order by schema_id limit 1
        )
        select coalesce(
            (select schema_id from at where fingerprint = @fingerprint),
            (select case when fingerprint = @fingerprint then schema_id else -1 end from behind))
        """;

    /// <summary>Parameters: table, attempt, snapshot, schema, claim (bytes), rows, ranges (jsonb). Returns false: not yet.</summary>
    public const string Start = "select philotes.copy_start(@table, @attempt, @snapshot, @schema, @claim, @rows, @ranges::jsonb)";

    /// <summary>Parameters: table, attempt, ordinal, rows, chunks (jsonb). Returns false: done by somebody else, or no longer wanted.</summary>
    public const string Publish = "select philotes.copy_publish(@table, @attempt, @ordinal, @rows, @chunks::jsonb)";

    /// <summary>Parameters: table, attempt. Returns false: not yet.</summary>
    public const string Finish = "select philotes.copy_finish(@table, @attempt)";

    /// <summary>Parameters: table, attempt, code, text.</summary>
    public const string Restart = "select philotes.copy_restart(@table, @attempt, @code, @text)";

    /// <summary>Parameters: table, state, code, text.</summary>
    public const string GiveUp = "select philotes.copy_give_up(@table, @state, @code, @text)";

    /// <summary>Parameters: table, attempt, code, text, delay.</summary>
    public const string Fail = """
        update philotes.table_copy
        set error_code = @code, error_text = left(@text, 4000), next_try_at = clock_timestamp() + @delay
        where table_id = @table and attempt = @attempt
        """;

    /// <summary>A number for a chunk and the generation that it goes into. Parameter: bytes of a full generation. Locks the generation for the session.</summary>
    public const string BeginChunk = "select chunk, gen from philotes.copy_chunk_begin(@bytes)";

    /// <summary>The session writes into no generation any more.</summary>
    public const string ReleaseGenerations = "select pg_advisory_unlock_all()";

    /// <summary>Parameters: source, budget and claim (bytes). Returns a table whose copy is claimed in parts from now on; null when copies go on.</summary>
    public const string Relieve = "select philotes.copy_relieve(@source, @budget, @claim)";

    public const string Progress = """
        select table_id, source, schema_name, table_name, attempt, state, paused, rows_expected, rows_done::bigint, coalesce(bytes_expected, 0)::bigint,
               bytes_done::bigint, ranges::int, ranges_done::int, started_at, finished_at, error_code, error_text
        from philotes.v_copy
        order by state in ('waiting', 'copying') desc, source, schema_name, table_name
        """;
}

using System.Globalization;
using Philotes.Capture.Decoding;
using Philotes.Capture.Source;

namespace Philotes.Capture.Copy;

/// <summary>Questions to the source about what is copied, and the copy itself. Every name is qualified: the search path is empty.</summary>
internal static class CopySourceSql
{
    /// <summary>
    /// Settings of a copying session: no time limit ends it in the middle, whatever the role or the database has; a lock is waited for only
    /// shortly; hidden rows are an error instead of a gap; bytes of no known encoding stay what they are. Rows come in the
    /// order in which they lie, from one process at the source. By name, because the versions have different ones.
    /// </summary>
    public const string Prepare = """
        select pg_catalog.set_config(
                   name, case name when 'lock_timeout' then '10s' when 'row_security' then 'off' when 'client_encoding' then 'SQL_ASCII' when 'synchronize_seqscans' then 'off' else '0' end, false)
        from pg_catalog.pg_settings
        where name in ('lock_timeout', 'row_security', 'transaction_timeout', 'idle_session_timeout', 'client_connection_check_interval',
                       'max_parallel_workers_per_gather', 'synchronize_seqscans')
           or (name = 'client_encoding' and pg_catalog.current_setting('server_encoding') = 'SQL_ASCII')
        """;

    /// <summary>What tells one snapshot from another of the same name after a restart of the server.</summary>
    public const string Identity = "select pg_catalog.pg_postmaster_start_time()::text || ' ' || pg_catalog.pg_current_snapshot()::text";

    /// <summary>Exports the open transaction's snapshot once more. One row: name, identity, time, process, start of the process.</summary>
    public const string Export = """
        select pg_catalog.pg_export_snapshot(),
               pg_catalog.pg_postmaster_start_time()::text || ' ' || pg_catalog.pg_current_snapshot()::text,
               pg_catalog.now(), a.pid, a.backend_start
        from pg_catalog.pg_stat_activity a
        where a.pid = pg_catalog.pg_backend_pid()
        """;

    /// <summary>Up to where a standby has replayed the log. No row's value is null but on a server that never was a standby.</summary>
    public const string Replayed = "select pg_catalog.pg_last_wal_replay_lsn()::text";

    /// <summary>not paused, pause requested or paused.</summary>
    public const string PauseState = "select pg_catalog.pg_get_wal_replay_pause_state()";

    public const string Resume = "select pg_catalog.pg_wal_replay_resume()";

    /// <summary>Whether a standby leaves the rows that a long snapshot sees in place.</summary>
    public const string KeepsRows = """
        select pg_catalog.current_setting('hot_standby_feedback')::boolean
            or (select setting = '-1' from pg_catalog.pg_settings where name = 'max_standby_streaming_delay')
        """;

    /// <summary>
    /// Pauses a standby's replay at a position at which no transaction is half done, begins a transaction, exports its snapshot, ends the pause. To be sent at once. Two
    /// results: the position; and as <see cref="Export"/> with the position, the state of the pause, and whether no transaction is half done behind it.
    /// </summary>
    public static readonly IReadOnlyList<string> SnapshotOfStandby =
    [
        "begin",
        """
        do $$
        declare deadline timestamptz := pg_catalog.clock_timestamp() + interval '1 second';
        begin
          loop
            if (select pg_catalog.pg_snapshot_xmin(s) = pg_catalog.pg_snapshot_xmax(s) from pg_catalog.pg_current_snapshot() as s) then
              perform pg_catalog.pg_wal_replay_pause();
              while pg_catalog.pg_get_wal_replay_pause_state() <> 'paused' loop
                if pg_catalog.clock_timestamp() > deadline + interval '19 seconds' then raise exception 'replay does not pause'; end if;
                perform pg_catalog.pg_sleep(0.001);
              end loop;
              exit when (select pg_catalog.pg_snapshot_xmin(s) = pg_catalog.pg_snapshot_xmax(s) from pg_catalog.pg_current_snapshot() as s);
              perform pg_catalog.pg_wal_replay_resume();
            end if;
            if pg_catalog.clock_timestamp() > deadline then raise exception 'transactions are open all the time' using errcode = 'PH138'; end if;
            perform pg_catalog.pg_sleep(0.005);
          end loop;
        exception when query_canceled or others then
          perform pg_catalog.pg_wal_replay_resume();
          raise;
        end $$
        """,
        Replayed,
        "commit",
        "begin isolation level repeatable read read only",
        """
        select pg_catalog.pg_export_snapshot(),
               pg_catalog.pg_postmaster_start_time()::text || ' ' || pg_catalog.pg_current_snapshot()::text,
               pg_catalog.now(), a.pid, a.backend_start, pg_catalog.pg_last_wal_replay_lsn()::text, pg_catalog.pg_get_wal_replay_pause_state(),
               (select pg_catalog.pg_snapshot_xmin(s) = pg_catalog.pg_snapshot_xmax(s) from pg_catalog.pg_current_snapshot() as s)
        from pg_catalog.pg_stat_activity a
        where a.pid = pg_catalog.pg_backend_pid()
        """,
        Resume,
    ];

    /// <summary>Holds the transaction open. Parameter: seconds. The server sees only behind it that the client is gone.</summary>
    public const string Sleep = "select pg_catalog.pg_sleep($1)";

    /// <summary>Parameters: process, its start.</summary>
    public const string EndSession = "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where pid = $1 and backend_start = $2";

    /// <summary>Tables of the publications in parameter 1: oid, schema, name.</summary>
    public const string Published = """
        select distinct c.oid::bigint, n.nspname::text, c.relname::text
        from pg_catalog.pg_publication_tables t
        join pg_catalog.pg_namespace n on n.nspname = t.schemaname
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
        where t.pubname = any($1)
        order by 2, 3
        """;

    /// <summary>
    /// What the stream would say of a table. Parameters: oid, publications. No row when it is gone. Columns: schema, name, replica identity,
    /// whether we may read it, whether row security hides rows, row filters and published columns (null without; each publication has its own).
    /// </summary>
    public const string Table = """
        select n.nspname::text, c.relname::text, c.relreplident::text,
               pg_catalog.has_table_privilege(c.oid, 'select'), pg_catalog.row_security_active(c.oid),
               (select pg_catalog.array_agg(pg_catalog.to_jsonb(t) ->> 'rowfilter') from pg_catalog.pg_publication_tables t
                 where t.pubname = any($2) and t.schemaname = n.nspname and t.tablename = c.relname),
               (select pg_catalog.array_agg(distinct x) from pg_catalog.pg_publication_tables t,
                       pg_catalog.jsonb_array_elements_text(nullif(pg_catalog.to_jsonb(t) -> 'attnames', 'null')) x
                 where t.pubname = any($2) and t.schemaname = n.nspname and t.tablename = c.relname)
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.oid = $1
        """;

    /// <summary>Columns as the stream sends them. Parameters: oid, published columns or null. Name, part of the identity, type, modifier, number.</summary>
    public const string Columns = """
        select a.attname::text, c.relreplident = 'f' or coalesce(a.attnum = any(k.attnums), false), a.atttypid::bigint, a.atttypmod, a.attnum::int
        from pg_catalog.pg_attribute a
        join pg_catalog.pg_class c on c.oid = a.attrelid
        left join lateral (
            select (i.indkey::int2[])[0:i.indnkeyatts - 1] as attnums
            from pg_catalog.pg_index i
            where i.indrelid = c.oid and i.indisvalid and i.indisunique and i.indimmediate and i.indpred is null
              and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
            limit 1) k on true
        where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          and ($2::text[] is null or a.attname = any($2))
        order by a.attnum
        """;

    /// <summary>
    /// The heaps of a table: itself, or its leaf partitions. Parameter: oid. Oid, schema, name, kind, bytes of the heap, bytes with TOAST,
    /// estimated rows, bytes of a block.
    /// </summary>
    public const string Heaps = """
        select c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, pg_catalog.pg_relation_size(c.oid), pg_catalog.pg_table_size(c.oid),
               greatest(c.reltuples, 0)::bigint, pg_catalog.current_setting('block_size')::bigint
        from (select p.relid from pg_catalog.pg_partition_tree($1) p where p.isleaf
              union select o.oid from pg_catalog.pg_class o where o.oid = $1 and o.relkind <> 'p') h
        join pg_catalog.pg_class c on c.oid = h.relid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        order by c.oid
        """;

    /// <summary>
    /// Whether a heap lies where it lay for the snapshot: false after VACUUM FULL, CLUSTER, TRUNCATE and a rewriting ALTER TABLE, none of which keeps the rows
    /// of an older snapshot at their places. Parameter: oid. The row is the snapshot's, the function's answer is the present one.
    /// </summary>
    public const string LiesAsBefore = "select relfilenode = pg_catalog.pg_relation_filenode(oid) from pg_catalog.pg_class where oid = $1";

    /// <summary>Parameter: oid. One row: schema, name.</summary>
    public const string HeapName = """
        select n.nspname::text, c.relname::text
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.oid = $1
        """;

    public static string Import(string snapshot) =>
        $"begin isolation level repeatable read read only; set transaction snapshot '{Identifier.Literal(snapshot)}'";

    public static string Lock(string heap) => $"lock table only {heap} in access share mode";

    /// <summary>Rows of one range of blocks, as text by the server's output functions: what the stream sends too.</summary>
    public static string CopyOut(string heap, IEnumerable<string> columns, long firstBlock, long? endBlock, IEnumerable<string> conditions)
    {
        List<string> where = [.. conditions.Select(condition => $"({condition})")];
        if (firstBlock > 0)
        {
            where.Add(string.Create(CultureInfo.InvariantCulture, $"ctid >= '({firstBlock},0)'::pg_catalog.tid"));
        }

        if (endBlock is { } end)
        {
            where.Add(string.Create(CultureInfo.InvariantCulture, $"ctid < '({end},0)'::pg_catalog.tid"));
        }

        var condition = where.Count == 0 ? "" : " where " + string.Join(" and ", where);
        return $"copy (select {string.Join(", ", columns.Select(Identifier.Quote))} from only {heap}{condition}) to stdout";
    }

    /// <summary>Of some keys those that the table does not have, as rows of it with nothing but the key.</summary>
    /// <param name="gone">JSON: <c>[{"id": "60"}]</c>.</param>
    public static string GoneOut(string table, IReadOnlyList<RelationColumn> columns, string gone, IEnumerable<string> conditions)
    {
        var there = columns.Where(column => column.IsKey).Select(column => $"t.{Identifier.Quote(column.Name)} = r.{Identifier.Quote(column.Name)}").Concat(conditions.Select(condition => $"({condition})"));
        var row = columns.Select(column => column.IsKey ? "r." + Identifier.Quote(column.Name) : "null");
        return $"copy (select {string.Join(", ", row)} from pg_catalog.jsonb_array_elements('{Identifier.Literal(gone)}') as g(v) cross join lateral pg_catalog.jsonb_populate_record(null::{table}, g.v) as r "
            + $"where not exists (select from {table} as t where {string.Join(" and ", there)})) to stdout";
    }
}

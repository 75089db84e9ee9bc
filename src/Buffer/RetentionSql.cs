using System.Globalization;

namespace Philotes.Buffer;

internal static class RetentionSql
{
    /// <summary>Retention's lock, the session's. Returns false when another holds it.</summary>
    public const string TryLock = "select pg_try_advisory_lock(x'50484c31'::bigint)";

    public const string Unlock = "select pg_advisory_unlock(x'50484c31'::bigint)";

    /// <summary>Parameter: lock timeout in milliseconds (text).</summary>
    public const string SetLockTimeout = "select set_config('lock_timeout', @timeout, false)";

    /// <summary>
    /// The newest generation of the stream, whether it was used and its age or size asks for the next one, and the number that the next one
    /// would have. Parameters: age (interval), bytes.
    /// </summary>
    public const string Newest = """
        select gen,
               exists (select 1 from philotes.chunk as c where c.gen = g.gen)
               and (clock_timestamp() - created_at > @age
                    or pg_total_relation_size(format('philotes.event_g%s', gen)::regclass) > @bytes),
               (select max(gen) + 1 from philotes.generation)
        from philotes.generation as g
        where sealed_at is null and not for_copies
        order by gen desc
        limit 1
        """;

    /// <summary>Parameter: gen. Its own transaction.</summary>
    public const string Add = "call philotes.add_generation(@gen)";

    /// <summary>New chunks go into this generation; capture reads it at its next flush. Parameter: gen.</summary>
    public const string Switch = "update philotes.source set current_gen = @gen where current_gen < @gen";

    /// <summary>
    /// Seals what no capture can still publish into: every source's lowest generation in use is above it, or its capture has long been
    /// silent. Publishing into a sealed generation is refused in any case. Parameter: silent age (interval). Returns the generations.
    /// </summary>
    public const string Seal = """
        update philotes.generation as g
        set sealed_at = clock_timestamp()
        where sealed_at is null and not for_copies
          and gen < (select max(gen) from philotes.generation where not for_copies)
          and not exists (
              select 1
              from philotes.source as s
              where s.current_gen <= g.gen
                 or (s.capture_gen <= g.gen and s.state <> 'lost' and s.durable_at > clock_timestamp() - @silent::interval))
        returning gen
        """;

    /// <summary>
    /// Seals generations of copies that a newer one follows, or that no copy needs now, and that nobody writes into: a writer holds their
    /// lock until it has published. A table that waits to be copied needs none: what was taken back of it must go. Returns the generations.
    /// </summary>
    public const string SealCopies = """
        update philotes.generation as g
        set sealed_at = clock_timestamp()
        where sealed_at is null and for_copies
          and (gen < (select max(gen) from philotes.generation where for_copies)
               or not exists (select 1 from philotes.table_copy where state = 'copying'))
          and pg_try_advisory_xact_lock(x'50484c33'::int, gen)
        returning gen
        """;

    /// <summary>
    /// Generations that may go and whose newest event left the replay window, or that no event is in any more; those of copies also when all of them together
    /// have more than the bytes that copies may keep. Parameters: window (interval), bytes.
    /// </summary>
    public const string Droppable = """
        select d.gen
        from philotes.v_droppable as d
        join philotes.generation as g using (gen)
        where d.newest < clock_timestamp() - @window::interval
           or not exists (select 1 from philotes.chunk as c where c.gen = d.gen)
           or (g.for_copies
               and (select sum(pg_total_relation_size(to_regclass(format('philotes.event_g%s', x.gen))))
                    from philotes.generation as x
                    where x.for_copies and x.dropped_at is null) > @bytes)
        order by d.gen
        """;

    /// <summary>Takes a generation out for good: from now on no replay can ask for it. Parameter: gen. Returns false when it is not to go any more.</summary>
    public const string Withdraw = """
        update philotes.generation
        set dropped_at = clock_timestamp()
        where gen = @gen and gen in (select gen from philotes.v_droppable)
        """;

    /// <summary>
    /// Leaves of withdrawn generations that are still there. Returns name, gen, parent (null when detached), whether a detach was left
    /// unfinished.
    /// </summary>
    public const string Leftovers = """
        select c.relname::text, g.gen, p.relname::text, coalesce(i.inhdetachpending, false)
        from philotes.generation as g
        cross join lateral (values (format('chunk_g%s', g.gen)), (format('event_g%s', g.gen))) as leaf (name)
        join pg_catalog.pg_class as c on c.relname = leaf.name and c.relnamespace = 'philotes'::regnamespace
        left join pg_catalog.pg_inherits as i on i.inhrelid = c.oid
        left join pg_catalog.pg_class as p on p.oid = i.inhparent
        where g.dropped_at is not null
        order by g.gen, leaf.name
        """;

    public static string Detach(string parent, string leaf) => $"alter table philotes.{parent} detach partition philotes.{leaf} concurrently";

    public static string Finalize(string parent, string leaf) => $"alter table philotes.{parent} detach partition philotes.{leaf} finalize";

    public static string Drop(string leaf) => string.Create(CultureInfo.InvariantCulture, $"drop table if exists philotes.{leaf}");
}

namespace Philotes.Buffer;

internal static class WrittenObjectSql
{
    /// <summary>Parameters: batch, token, uris. Returns false when the batch is no longer this token's.</summary>
    public const string Announce = "select philotes.announce_objects(@batch, @token, @uris::text[])";

    /// <summary>Parameters: batch, uris. Returns how many left the list; none of a batch that is not over.</summary>
    public const string Release = "select philotes.release_objects(@batch, @uris::text[])";

    /// <summary>Parameters: repair, uris. Returns false when the repair is over.</summary>
    public const string AnnounceOfRepair = "select philotes.announce_repair_objects(@repair, @uris::text[])";

    /// <summary>Parameters: replay, uris. Returns false when the replay is over.</summary>
    public const string AnnounceOfReplay = "select philotes.announce_replay_objects(@replay, @uris::text[])";

    /// <summary>Parameters: repair, replay, of which one is null; uris. Returns how many left the list; none of one that is not over.</summary>
    public const string ReleaseOfOperation = "select philotes.release_operation_objects(@repair, @replay, @uris::text[])";

    /// <summary>What those left that are over, the oldest first. Parameter: age since they are over; a repair that was given up has no such time, its objects have theirs.</summary>
    public const string Left = """
        select w.batch_id, w.repair_id, w.replay_id, o.table_id, o.target, w.uri, o.over_at
        from philotes.written_object as w
        cross join lateral (
            select b.table_id, null::text as target, b.committed_at as over_at from philotes.batch as b where b.batch_id = w.batch_id and b.state in ('committed', 'rewound')
            union all
            select r.table_id, null, coalesce(r.committed_at, w.recorded_at) from philotes.repair as r where r.repair_id = w.repair_id and r.state in ('committed', 'cancelled')
            union all
            select p.table_id, p.target, p.ended_at from philotes.replay as p where p.replay_id = w.replay_id and p.state in ('done', 'cancelled')
        ) as o
        where o.over_at < clock_timestamp() - @age::interval
        order by w.batch_id, w.repair_id, w.replay_id, w.uri
        limit 100000
        """;
}

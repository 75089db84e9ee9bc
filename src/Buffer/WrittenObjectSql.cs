namespace Philotes.Buffer;

internal static class WrittenObjectSql
{
    /// <summary>Parameters: batch, token, uris. Returns false when the batch is no longer this token's.</summary>
    public const string Announce = "select philotes.announce_objects(@batch, @token, @uris::text[])";

    /// <summary>Parameters: batch, uris. Returns how many left the list; none of a batch that is not over.</summary>
    public const string Release = "select philotes.release_objects(@batch, @uris::text[])";

    /// <summary>What finished batches left, the oldest first. Parameter: age since the batch was committed.</summary>
    public const string Left = """
        select w.batch_id, b.table_id, w.uri, b.committed_at
        from philotes.written_object as w
        join philotes.batch as b using (batch_id)
        where b.state in ('committed', 'rewound') and b.committed_at < clock_timestamp() - @age::interval
        order by w.batch_id, w.uri
        limit 100000
        """;
}

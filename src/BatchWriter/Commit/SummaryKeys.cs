namespace Philotes.BatchWriter.Commit;

/// <summary>What our snapshots say about themselves.</summary>
internal static class SummaryKeys
{
    public const string Source = "philotes.source";
    public const string Incarnation = "philotes.incarnation";
    public const string Batch = "philotes.batch";
    public const string FromSequence = "philotes.from-seq";
    public const string ToSequence = "philotes.to-seq";
    public const string CommitLsn = "philotes.commit-lsn";
    public const string CommitTimestamp = "philotes.commit-ts";
    public const string Events = "philotes.events";
    public const string Parked = "philotes.parked";
    public const string Version = "philotes.version";
}

using System.Globalization;
using Philotes.Buffer;
using Philotes.Iceberg.Metadata;

namespace Philotes.BatchWriter.Commit;

/// <summary>
/// What to do with a batch, decided from one version of its table's metadata. Pure. It is asked before every send, so that nothing ever depends
/// on what became of an earlier one:
/// <code>
/// another table of this name                      → blocked, PH304
/// mark at or behind the batch's end               → done, if main still carries it; else blocked, PH302 (rolled back)
/// mark right before the batch's first chunk       → send, asserting exactly this version's head
/// anything else                                   → blocked, PH302 (a gap or an overlap)
/// </code>
/// A send that is still under way either landed before this version, and the mark says so, or asserts an older head and will be refused.
/// </summary>
internal abstract record CommitDecision
{
    private CommitDecision()
    {
    }

    public static CommitDecision Of(TableMetadata table, ClaimedBatch batch, BufferedTable source, Guid? stagedFor)
    {
        if (stagedFor is { } uuid && uuid != table.TableUuid)
        {
            return new Blocked("PH304", $"The files of batch {batch.BatchId} were made for table {uuid}; the catalog now has table {table.TableUuid} under its name. "
                + "Put the old table back, or start this table again.");
        }

        var mark = HighWaterMark.Read(table.Properties, source.SourceName);
        var reached = mark is null || mark.Incarnation < source.Incarnation ? 0 : mark.Sequence;
        if (mark?.Incarnation > source.Incarnation)
            return Mismatch(batch, source, $"it already carries incarnation {mark.Incarnation}");
        if (NewestMarked(table, source) is { } newest && newest < reached)
            return Mismatch(batch, source, $"its head carries chunks up to {newest} only: it was rolled back");
        if (mark is not null && reached >= batch.ToSequence)
            return new Done(mark.SnapshotId);
        return reached == batch.FromSequence - 1 ? new Send() : Mismatch(batch, source, $"it carries chunks up to {reached}");
    }

    private static Blocked Mismatch(ClaimedBatch batch, BufferedTable source, string what) => new("PH302", string.Create(CultureInfo.InvariantCulture,
        $"Batch {batch.BatchId} holds chunks {batch.FromSequence} to {batch.ToSequence} of {source.TableName} (incarnation {source.Incarnation}), but the lake's table does not end right before it: {what}. Nothing was written. Rewind the buffer to match the table, or start the table again."));

    /// <summary>What the newest of our snapshots in main's history says it reached; null when the catalog shows none.</summary>
    private static long? NewestMarked(TableMetadata table, BufferedTable source)
    {
        foreach (var snapshot in table.MainHistory())
        {
            if (snapshot.Summary.GetValueOrDefault(SummaryKeys.Source) == source.SourceName
                && snapshot.Summary.GetValueOrDefault(SummaryKeys.Incarnation) == source.Incarnation.ToString(CultureInfo.InvariantCulture)
                && long.TryParse(snapshot.Summary.GetValueOrDefault(SummaryKeys.ToSequence), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            {
                return sequence;
            }
        }

        return null;
    }

    /// <summary>The table carries the batch.</summary>
    public sealed record Done(long SnapshotId) : CommitDecision;

    public sealed record Send : CommitDecision;

    /// <summary>Only a person can go on with this table.</summary>
    public sealed record Blocked(string Code, string Text) : CommitDecision;
}

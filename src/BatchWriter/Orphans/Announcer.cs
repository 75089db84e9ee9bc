using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Orphans;

/// <summary>Writes down the names of objects before a batch writes them.</summary>
internal sealed class Announcer(WrittenObjects objects, ClaimedBatch? batch)
{
    /// <summary>For what is written for no batch of the ledger, a repair or a replay: its names say so, and it is not listed.</summary>
    public static Announcer Unlisted(WrittenObjects objects) => new(objects, batch: null);

    /// <exception cref="PhilotesException">PH001: another process has the batch; nothing may be written.</exception>
    public async Task AnnounceAsync(IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await Failpoints.HitAsync("wr.before_announce", cancellationToken);
        if (batch is not null && uris.Count > 0 && !await objects.AnnounceAsync(batch, uris, cancellationToken))
            throw new PhilotesException("PH001", $"Batch {batch.BatchId} was claimed by another process before its objects were written.");
        await Failpoints.HitAsync("wr.after_announce", cancellationToken);
    }
}

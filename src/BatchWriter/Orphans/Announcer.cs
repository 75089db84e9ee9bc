using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Shared;

namespace Philotes.BatchWriter.Orphans;

/// <summary>Writes down the names of objects before a batch, a repair or a replay writes them.</summary>
internal sealed class Announcer
{
    private readonly Func<IReadOnlyCollection<string>, CancellationToken, Task<bool>> _announce;
    private readonly PhilotesException _refusal;

    private Announcer(Func<IReadOnlyCollection<string>, CancellationToken, Task<bool>> announce, PhilotesException refusal)
    {
        (_announce, _refusal) = (announce, refusal);
    }

    public static Announcer Of(WrittenObjects objects, ClaimedBatch batch) => new(
        (uris, token) => objects.AnnounceAsync(batch, uris, token),
        new PhilotesException("PH001", $"Batch {batch.BatchId} was claimed by another process before its objects were written."));

    public static Announcer Of(WrittenObjects objects, Repair repair) => new(
        (uris, token) => objects.AnnounceAsync(repair, uris, token),
        new PhilotesException("PH015", $"Repair {repair.RepairId} was ended by somebody else before its objects were written."));

    public static Announcer Of(WrittenObjects objects, ReplayEntry replay) => new(
        (uris, token) => objects.AnnounceAsync(replay, uris, token),
        new PhilotesException("PH017", $"Replay {replay.ReplayId} was ended by somebody else before its objects were written."));

    /// <exception cref="PhilotesException">PH001, PH015 or PH017: what they are written for is another's or over; nothing may be written.</exception>
    public async Task AnnounceAsync(IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await Failpoints.HitAsync("wr.before_announce", cancellationToken);
        if (uris.Count > 0 && !await _announce(uris, cancellationToken))
            throw _refusal;
        await Failpoints.HitAsync("wr.after_announce", cancellationToken);
    }
}

using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Grouping;

/// <summary>
/// A claimed batch that takes up what is copied behind it while it is encoded, so that rows are encoded while others are still read, and a file gets its size.
/// It waits for rows of a copy, but not for long: other tables want the worker too, and a copy that is slower than that is claimed in whole batches from then on.
/// What the batch has grown to stands in the ledger first, so an attempt that fails is followed by one that reads all of it.
/// </summary>
internal sealed class GrowingBatch
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GrowMax = TimeSpan.FromSeconds(60);

    private readonly BatchLedger? _ledger;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private bool _ended;

    private GrowingBatch(BatchLedger? ledger, ClaimedBatch batch, TimeProvider clock)
    {
        (_ledger, Batch, _clock) = (ledger, batch, clock);
        _started = clock.GetTimestamp();
    }

    /// <summary>What it is now.</summary>
    public ClaimedBatch Batch { get; private set; }

    public static GrowingBatch Of(BatchLedger ledger, ClaimedBatch batch, TimeProvider clock) => new(ledger, batch, clock);

    /// <summary>One that does not grow.</summary>
    public static GrowingBatch Whole(ClaimedBatch batch) => new(null, batch, TimeProvider.System);

    /// <summary>What has come behind it, as a batch to be read; null: it has all that it will get.</summary>
    public async Task<ClaimedBatch?> GrowAsync(CancellationToken cancellationToken)
    {
        var asked = _clock.GetTimestamp();
        while (_ledger is not null && !_ended)
        {
            var last = _clock.GetElapsedTime(asked) > WaitMax || _clock.GetElapsedTime(_started) > GrowMax;
            var (grown, more) = await _ledger.GrowAsync(Batch, last, cancellationToken);
            _ended = !more;
            if (grown.ToSequence > Batch.ToSequence)
            {
                var added = grown with { FromSequence = Batch.ToSequence + 1, RowCount = grown.RowCount - Batch.RowCount, ByteCount = grown.ByteCount - Batch.ByteCount };
                Batch = grown;
                await Failpoints.HitAsync("wr.after_grow", cancellationToken);
                return added;
            }

            if (more)
                await Task.Delay(LookEvery, _clock, cancellationToken);
        }

        return null;
    }
}

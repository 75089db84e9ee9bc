using Npgsql;
using Philotes.Buffer;

namespace Philotes.Cli;

/// <summary>Asks again and again how far the copies are, beside other work. Disposing ends it.</summary>
sealed class CopyWatch : IAsyncDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    readonly CancellationTokenSource _end = new();
    readonly Task _watching;
    volatile IReadOnlyList<CopyProgress> _copies = [];

    public CopyWatch(NpgsqlDataSource buffer) => _watching = WatchAsync(new CopyLedger(buffer));

    /// <summary>At the last look.</summary>
    public IReadOnlyList<CopyProgress> Copies => _copies;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _end.Dispose();
    }

    async Task WatchAsync(CopyLedger ledger)
    {
        while (true)
        {
            try
            {
                _copies = await ledger.ProgressAsync(_end.Token);
            }
            catch (NpgsqlException)
            {
                // The buffer is away for a moment: what was seen last stays, and whoever works with it says so.
            }

            await Task.Delay(Interval, TimeProvider.System, _end.Token);
        }
    }
}

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
    volatile string? _trouble;

    public CopyWatch(NpgsqlDataSource buffer) => _watching = WatchAsync(new CopyLedger(buffer));

    /// <summary>At the last look that succeeded.</summary>
    public IReadOnlyList<CopyProgress> Copies => _copies;

    /// <summary>The line, with what the last look was refused for: what is shown of the copies stands still meanwhile.</summary>
    public string Beside(string line) => _trouble is { } trouble ? $"{line}  (how far the copies are cannot be read: {trouble})" : line;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _watching;
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
        finally
        {
            _end.Dispose();
        }
    }

    async Task WatchAsync(CopyLedger ledger)
    {
        while (true)
        {
            try
            {
                _copies = await ledger.ProgressAsync(_end.Token);
                _trouble = null;
            }
            catch (NpgsqlException away)
            {
                _trouble = (away as PostgresException)?.MessageText ?? away.Message;
            }

            await Task.Delay(Interval, TimeProvider.System, _end.Token);
        }
    }
}

using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Grouping;

/// <summary>
/// Keeps a claim alive while its batch is written, and cancels the work once the claim is lost. Leases keep work from being done twice, nothing more:
/// what a late worker still sends is refused by the ledger's token and by the catalog.
/// </summary>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop;
    private readonly Task _renewing;

    public LeaseRenewal(BatchLedger ledger, ClaimedBatch batch, TimeSpan lease, TimeProvider clock, CancellationToken cancellationToken)
    {
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(ledger, batch, lease, clock);
    }

    /// <summary>Fires when the claim is lost or the process stops.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Another process has the batch now.</summary>
    public bool IsLost { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync(BatchLedger ledger, ClaimedBatch batch, TimeSpan lease, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(lease / 3, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (await TryRenewAsync(ledger, batch, lease))
                    continue;
                IsLost = true;
                await _lost.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>A buffer that cannot be reached does not take the claim away; the next tick asks again.</summary>
    private async Task<bool> TryRenewAsync(BatchLedger ledger, ClaimedBatch batch, TimeSpan lease)
    {
        try
        {
            await Failpoints.HitAsync("wr.before_renew", _stop.Token);
            return await ledger.RenewAsync(batch, lease, _stop.Token);
        }
        catch (Npgsql.NpgsqlException)
        {
            return true;
        }
    }
}

using Amazon.Runtime;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// Keys that somebody hands out for a while, fetched again before they end: five minutes before, or for shorter ones when a third of their time is left.
/// One fetch at a time, however many requests wait for it. Safe for concurrent use.
/// </summary>
/// <param name="fetch">Gives fresh keys and when they end; null when nobody said.</param>
public sealed class ExpiringKeys(Func<CancellationToken, Task<(S3Keys Keys, DateTimeOffset? Ends)>> fetch, TimeProvider clock) : AWSCredentials, IDisposable
{
    private static readonly TimeSpan EarlyMax = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Current? _current;

    /// <summary>Takes keys that came by another way, with a table that was loaded anyway.</summary>
    public void Offer(S3Keys keys, DateTimeOffset? ends)
    {
        if (_current is not { } current || ends is null || current.Ends is null || ends > current.Ends)
        {
            _current = new Current(keys, ends, RenewAt(ends));
        }
    }

    /// <summary>The store refused these keys: the next request fetches others.</summary>
    public void Reject() => _current = null;

    /// <summary>Makes sure that the keys outlast the next request. The SDK takes keys without waiting, so whoever calls it waits here first.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken) => await KeysAsync(cancellationToken);

    public override ImmutableCredentials GetCredentials() => Immutable(_current?.Keys ?? throw new AmazonClientException("The keys were refused and are fetched anew."));

    public override async Task<ImmutableCredentials> GetCredentialsAsync() => Immutable(await KeysAsync(CancellationToken.None));

    public void Dispose() => _one.Dispose();

    private async Task<S3Keys> KeysAsync(CancellationToken cancellationToken)
    {
        if (Usable() is { } usable)
        {
            return usable;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (Usable() is { } renewed)
            {
                return renewed;
            }

            var (keys, ends) = await fetch(cancellationToken);
            _current = new Current(keys, ends, RenewAt(ends));
            return keys;
        }
        finally
        {
            _one.Release();
        }
    }

    private static ImmutableCredentials Immutable(S3Keys keys) => new(keys.AccessKey, keys.SecretKey, keys.SessionToken);

    private S3Keys? Usable() => _current is { } current && clock.GetUtcNow() < current.RenewAt ? current.Keys : null;

    private DateTimeOffset RenewAt(DateTimeOffset? ends)
    {
        if (ends is not { } end)
        {
            return DateTimeOffset.MaxValue;
        }

        var third = (end - clock.GetUtcNow()) / 3;
        return end - (third < EarlyMax ? third : EarlyMax);
    }

    private sealed record Current(S3Keys Keys, DateTimeOffset? Ends, DateTimeOffset RenewAt);
}

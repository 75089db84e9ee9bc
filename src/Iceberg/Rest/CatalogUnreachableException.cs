namespace Philotes.Iceberg.Rest;

/// <summary>No trustworthy answer: network, timeout, a failing server, an unreadable reply. Trying again later may help; a change may have happened.</summary>
public sealed class CatalogUnreachableException(string operation, Uri catalog, string reason, int? status, TimeSpan? retryAfter, Exception? innerException = null)
    : CatalogException($"The catalog at {catalog} did not {operation}: {reason} Check the catalog and the way to it; the operation may be tried again.", innerException)
{
    public int? Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}

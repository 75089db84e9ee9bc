namespace Philotes.Iceberg.Rest;

/// <summary>One request, and what it is for in words: <c>load table sales.orders</c>.</summary>
internal sealed record RestCall(HttpMethod Method, Uri Uri, string Operation)
{
    public ReadOnlyMemory<byte>? Body { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

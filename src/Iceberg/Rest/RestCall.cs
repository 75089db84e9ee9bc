namespace Philotes.Iceberg.Rest;

/// <summary>One request, and what it is for in words: <c>load table sales.orders</c>.</summary>
internal sealed record RestCall(HttpMethod Method, Uri Uri, string Operation)
{
    /// <summary>The first word of <see cref="Operation"/>, which names nothing: <c>load</c>.</summary>
    public string Verb => Operation.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? Operation[..end] : Operation;

    public ReadOnlyMemory<byte>? Body { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

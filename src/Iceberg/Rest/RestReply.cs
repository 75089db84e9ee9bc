namespace Philotes.Iceberg.Rest;

/// <summary>A whole reply: status line, the headers that matter, and the complete body.</summary>
internal sealed record RestReply(
    int Status,
    ReadOnlyMemory<byte> Body,
    string ContentType,
    DateTimeOffset? Date,
    string? ETag,
    TimeSpan? RetryAfter,
    string? RedirectedTo)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

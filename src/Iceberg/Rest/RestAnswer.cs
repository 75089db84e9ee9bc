namespace Philotes.Iceberg.Rest;

/// <summary>What came back for one request: a whole reply, or nothing that can be trusted. Without a reply the server may still have acted.</summary>
internal abstract record RestAnswer
{
    RestAnswer()
    {
    }

    public sealed record Replied(RestReply Reply) : RestAnswer;

    public sealed record Silent(string Text, Exception Cause) : RestAnswer;
}

namespace Philotes.Testing;

/// <summary>What a <see cref="HttpDouble"/> answers.</summary>
public sealed record HttpDoubleReply(int Status, string Body = "", string ContentType = "application/json")
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

namespace Philotes.Testing;

/// <summary>What a <see cref="ScriptedProxy"/> does with one request instead of passing it on and its reply back.</summary>
public abstract record ProxyFault
{
    ProxyFault()
    {
    }

    /// <summary>Answers itself; the server never sees the request.</summary>
    public sealed record AnswerInstead(int Status, string Body = "", string ContentType = "application/json") : ProxyFault
    {
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>The server does it; the client is told something else.</summary>
    public sealed record ForwardThenAnswer(int Status, string Body = "", string ContentType = "application/json") : ProxyFault;

    /// <summary>Closes the connection; the server never sees the request.</summary>
    public sealed record DropRequest : ProxyFault;

    /// <summary>The server does it; the connection is closed without a reply.</summary>
    public sealed record DropReply : ProxyFault;

    /// <summary>The server does it; of the reply's body only the first bytes arrive, under the full Content-Length, and the connection is closed.</summary>
    public sealed record CutReply(int BodyBytes) : ProxyFault;

    /// <summary>As <see cref="CutReply"/>, but under a Content-Length that fits: only the JSON is broken.</summary>
    public sealed record ShortenReply(int BodyBytes) : ProxyFault;

    /// <summary>The server does it; the client gets a reply whose text somebody changed, under a Content-Length that fits.</summary>
    public sealed record EditReply(Func<string, string> Edit) : ProxyFault;

    /// <summary>Waits, then passes the request on as if nothing had been.</summary>
    public sealed record Delay(TimeSpan Wait) : ProxyFault;

    /// <summary>The server does it; something else happens before the reply goes back.</summary>
    public sealed record Meanwhile(Func<Task> What) : ProxyFault;

    /// <summary>Delivers the request twice, one after the other; the client gets the second reply.</summary>
    public sealed record DeliverTwice : ProxyFault;

    /// <summary>Closes the connection now and keeps the request for <see cref="ScriptedProxy.ReleaseHeldAsync"/>: a zombie.</summary>
    public sealed record Hold : ProxyFault;
}

namespace Philotes.Shared;

/// <summary>
/// A failure that a person must read: a stable code, what went wrong, which thing, and what to do now. The cause, if any, is the inner
/// exception and is never pasted into the message.
/// </summary>
public class PhilotesException(string code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>PHnnn, as listed in docs/codes.md.</summary>
    public string Code { get; } = code;
}

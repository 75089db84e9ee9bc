namespace Philotes.DuckDb;

/// <summary>The engine refused something; the message is its own text.</summary>
public sealed class DuckDbException(string message, Exception? cause = null) : Exception(message, cause);

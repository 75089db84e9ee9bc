namespace Philotes.Hosting;

/// <summary>Lowest level that is logged.</summary>
public enum LogVerbosity
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
}

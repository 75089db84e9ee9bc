namespace Philotes.Hosting;

/// <summary>Shape of a log line.</summary>
public enum LogFormat
{
    Auto,
    Json,
    Text,
}

namespace Philotes.Hosting;

/// <summary><c>source.streaming</c>.</summary>
public enum Streaming
{
    Off,
    On,
}

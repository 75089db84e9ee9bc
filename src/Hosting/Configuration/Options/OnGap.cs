namespace Philotes.Hosting;

/// <summary><c>source.on_gap</c>.</summary>
public enum OnGap
{
    Stop,
    ResyncTables,
}

namespace Philotes.Hosting;

/// <summary>What a TRUNCATE does to a mirror.</summary>
public enum OnTruncate
{
    DeleteAll,
    Ignore,
}

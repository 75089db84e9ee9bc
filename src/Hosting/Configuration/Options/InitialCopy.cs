namespace Philotes.Hosting;

/// <summary>What becomes of rows that a table had before its changes were captured.</summary>
public enum InitialCopy
{
    Initial,
    Never,
}

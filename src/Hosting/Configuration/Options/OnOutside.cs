namespace Philotes.Hosting;

/// <summary>What becomes of a value that the column cannot hold.</summary>
public enum OnOutside
{
    Null,
    Reject,
}

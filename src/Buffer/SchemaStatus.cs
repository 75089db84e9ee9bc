namespace Philotes.Buffer;

/// <summary>Where the buffer's schema stands against the scripts of this build.</summary>
/// <param name="Applied">Scripts that ran, in order.</param>
/// <param name="Pending">Scripts of this build that did not run yet.</param>
/// <param name="Changed">Scripts that ran with another text than this build's.</param>
/// <param name="Unknown">Scripts that ran and that this build does not have: the database is newer.</param>
public sealed record SchemaStatus(
    IReadOnlyList<string> Applied, IReadOnlyList<string> Pending, IReadOnlyList<string> Changed, IReadOnlyList<string> Unknown)
{
    public bool IsCurrent => Pending.Count == 0 && Changed.Count == 0 && Unknown.Count == 0;
}

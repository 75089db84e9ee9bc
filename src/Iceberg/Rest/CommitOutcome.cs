namespace Philotes.Iceberg.Rest;

/// <summary>
/// What became of a change that was sent to a catalog. Only <see cref="Committed"/>, <see cref="Conflict"/> and <see cref="Refused"/> are answers;
/// <see cref="Unknown"/> means that the change may have happened, may happen later, or may not: read the table before anything else, and delete nothing.
/// </summary>
public abstract record CommitOutcome
{
    CommitOutcome()
    {
    }

    /// <summary>The change is in. Compare the table with what was sent: some catalogs answer 200 and ignore parts.</summary>
    public sealed record Committed(LoadedTable Table) : CommitOutcome;

    /// <summary>A requirement did not hold, or another commit came first: nothing happened. Load, plan again, send again.</summary>
    public sealed record Conflict(string Text) : CommitOutcome;

    /// <summary>The catalog will not do this, now or later, unless something is changed: nothing happened.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Text">The catalog's words, one line.</param>
    public sealed record Refused(int Status, string Text) : CommitOutcome;

    /// <summary>No trustworthy answer.</summary>
    /// <param name="Text">One line; the same text for the same failure, so that a refusal dressed as a failure can be recognised by repetition.</param>
    /// <param name="Status">The HTTP status, or null when none arrived.</param>
    /// <param name="RetryAfter">The wait the server asked for, if it did.</param>
    /// <param name="Cause">The exception, if one was the cause.</param>
    public sealed record Unknown(string Text, int? Status = null, TimeSpan? RetryAfter = null, Exception? Cause = null) : CommitOutcome;
}

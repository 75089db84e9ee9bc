namespace Philotes.Iceberg.Rest;

/// <summary>As <see cref="CommitOutcome"/>, for several tables at once: the catalog returns no metadata, so each table is loaded again.</summary>
public abstract record TransactionOutcome
{
    TransactionOutcome()
    {
    }

    public sealed record Committed : TransactionOutcome;

    /// <summary>A requirement of one table did not hold: no table was changed.</summary>
    public sealed record Conflict(string Text) : TransactionOutcome;

    /// <summary>No table was changed.</summary>
    public sealed record Refused(int Status, string Text) : TransactionOutcome;

    /// <summary>Read every table before anything else.</summary>
    public sealed record Unknown(string Text, int? Status = null, TimeSpan? RetryAfter = null, Exception? Cause = null) : TransactionOutcome;
}

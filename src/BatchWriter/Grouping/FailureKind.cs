namespace Philotes.BatchWriter.Grouping;

/// <summary>What a failure needs.</summary>
internal enum FailureKind
{
    /// <summary>Time.</summary>
    Transient,

    /// <summary>Somebody changes a setting or a right; it is looked at every minute.</summary>
    Configuration,

    /// <summary>A person decides about this table.</summary>
    Blocked,

    /// <summary>A person, and a report to us.</summary>
    Bug,

    /// <summary>Nothing: another process does the work.</summary>
    Fenced,
}

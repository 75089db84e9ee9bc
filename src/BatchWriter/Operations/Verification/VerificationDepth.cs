namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>What is compared.</summary>
public enum VerificationDepth
{
    /// <summary>Which keys there are.</summary>
    Counts,

    /// <summary>Every value.</summary>
    Hashes,
}

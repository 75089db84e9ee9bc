namespace Philotes.Buffer;

/// <summary>What one check found.</summary>
/// <param name="Result">ok, info, warn, fail or skip.</param>
/// <param name="Remedy">What to do: SQL, YAML or a command; null where there is nothing to do.</param>
/// <param name="Why">Why it matters.</param>
public sealed record Finding(string Id, string Area, string Result, string What, string? Remedy, string Why)
{
    public bool IsFailure => Result == "fail";

    /// <summary>Failures first, then warnings.</summary>
    public int Rank => Result switch
    {
        "fail" => 0,
        "warn" => 1,
        "info" => 2,
        "skip" => 3,
        _ => 4,
    };
}

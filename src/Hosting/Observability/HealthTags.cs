namespace Philotes.Hosting;

/// <summary>Which of the two questions a health check answers.</summary>
public static class HealthTags
{
    /// <summary>Does the process itself still turn? Never a remote dependency, or an outage would restart it in a loop.</summary>
    public const string Live = "live";

    /// <summary>Can it do its job now?</summary>
    public const string Ready = "ready";
}

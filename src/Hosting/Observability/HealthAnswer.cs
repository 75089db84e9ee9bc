namespace Philotes.Hosting;

/// <summary>Body of a health answer: healthy, degraded or unhealthy, and what each check says.</summary>
sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, string> Checks);

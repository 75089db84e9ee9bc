namespace Philotes.Iceberg.Tests.Rest.Auth;

/// <summary>The time of day that a test says; waits run by the real clock.</summary>
internal sealed class ManualClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;
}

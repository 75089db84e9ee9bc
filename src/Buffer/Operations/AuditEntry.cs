namespace Philotes.Buffer.Operations;

/// <summary>One change that a person made.</summary>
/// <param name="Actor">Who, and as which database role.</param>
/// <param name="Reason">Why, in that person's words.</param>
/// <param name="Detail">What it was about, before and after: a JSON object.</param>
public sealed record AuditEntry(long AuditId, DateTimeOffset At, string Actor, string Action, string? Reason, string Detail);

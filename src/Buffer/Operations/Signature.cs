namespace Philotes.Buffer.Operations;

/// <summary>Who makes a change, and why.</summary>
public sealed record Signature(string Actor, string Reason);

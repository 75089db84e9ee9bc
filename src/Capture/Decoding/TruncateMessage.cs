namespace Philotes.Capture.Decoding;

internal sealed record TruncateMessage(IReadOnlyList<uint> RelationOids);

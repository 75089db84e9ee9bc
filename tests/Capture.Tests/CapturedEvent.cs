using Philotes.Shared;

namespace Philotes.Capture.Tests;

/// <summary>An event as the buffer holds it, its tuples as text: null is NULL, ~ is unchanged.</summary>
internal sealed record CapturedEvent(
    string Table, char Op, Lsn CommitLsn, long Sequence, long Chunk, bool TransactionOpen, int SchemaId, string?[]? Old, string?[]? New)
{
    public override string ToString() => $"{Table} {Op} {Text(Old)}>{Text(New)}";

    private static string Text(string?[]? row) => row is null ? "" : string.Join('|', row.Select(value => value ?? "NULL"));
}

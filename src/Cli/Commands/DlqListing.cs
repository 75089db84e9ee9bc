using Philotes.Buffer.Operations;

namespace Philotes.Cli;

/// <summary>Dead letters as tables and JSON.</summary>
static class DlqListing
{
    public static Listing<DeadLetterGroup> Groups { get; } = new("deadLetterGroups", "No dead letter is open.",
        new("schema", "Schema of the table.", g => g.Table.Schema),
        new("table", "The table.", g => g.Table.Table, "TABLE", g => g.Table.ToString()),
        new("code", "Why they could not be written.", g => g.Code, "CODE"),
        new("count", "How many are open.", g => g.Count, "OPEN") { RightAligned = true },
        new("first", "When the first was parked.", g => g.First, "FIRST"),
        new("last", "When the last was parked.", g => g.Last, "LAST"),
        new("sample", "The reason of the first, in words.", g => g.Sample, "SAMPLE"));

    public static Listing<DeadLetter> Letters { get; } = new("deadLetters", "No dead letter fits.",
        new("position", "Commit LSN and place in the transaction.", d => d.Position, "POSITION"),
        new("schema", "Schema of the table.", d => d.Table.Schema),
        new("table", "The table.", d => d.Table.Table, "TABLE", d => d.Table.ToString()),
        new("operation", "What the source did.", d => d.Operation.ToString().ToLowerInvariant(), "OP"),
        new("code", "Why it could not be written.", d => d.Code, "CODE"),
        new("text", "The same in words.", d => d.Text, "REASON"),
        new("parkedAt", "When it was parked.", d => d.ParkedAt, "PARKED"),
        new("batch", "The batch that was committed without it.", d => d.BatchId),
        new("committed", "Whether that batch is in the lake: only then can it be retried.", d => d.Committed),
        new("resolution", "How it ended: retry, rewritten or skip; null while it is open.", d => d.Resolution, "ENDED"),
        new("resolvedAt", "When.", d => d.ResolvedAt),
        new("resolvedBy", "By whom.", d => d.ResolvedBy),
        new("reason", "Why, in that person's words.", d => d.Reason),
        new("old", "The old image.", d => RawJson.Of(d.Old), "OLD"),
        new("new", "The new image, as the source sent it.", d => RawJson.Of(d.New), "NEW"));
}

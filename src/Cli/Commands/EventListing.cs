using System.Text.Json;
using Philotes.Buffer.Operations;

namespace Philotes.Cli;

/// <summary>Events as tables, JSON and one at a time.</summary>
static class EventListing
{
    const int DiffWidth = 100;

    public static Listing<BufferedEvent> Of { get; } = new("events", "No event fits. Retention may have dropped it: 'philotes retention show' says how far back the buffer goes.",
        new("position", "Commit LSN and place in the transaction; what events show takes.", e => e.Position, "POSITION"),
        new("committedAt", "Commit time at the source.", e => e.CommittedAt, "COMMITTED"),
        new("source", "The source's name.", e => e.Source),
        new("schema", "Schema of the table.", e => e.Table.Schema),
        new("table", "The table.", e => e.Table.Table, "TABLE", e => e.Table.ToString()),
        new("operation", "read, insert, update, delete or truncate.", e => Operation(e), "OP"),
        new("xid", "Transaction id at the source.", e => e.Xid),
        new("status", "held, pending, claimed, committing, failed, dead, committed or parked.", e => e.Status, "STATUS"),
        new("batch", "The batch that carries it; null before one does.", e => e.BatchId, "BATCH", e => e.BatchId is { } id ? TerminalText.Of(id.ToString(System.Globalization.CultureInfo.InvariantCulture)) : ""),
        new("snapshot", "The Iceberg snapshot, once it is committed.", e => Snapshot(e)),
        new("why", "What keeps it from the lake; null when nothing does.", e => e.Why),
        new("copiedFrom", "Of what a copy brought: {\"point\", \"range\", \"relation\", \"firstBlock\", \"endBlock\"}, the snapshot's position and the part that was read.", e => RawJson.Of(Origin(e.Origin))),
        new("old", "The old image: every value as the source's text.", e => RawJson.Of(e.Old)),
        new("new", "The new image, likewise; {\"$unchanged_toast\":true} stands for a value that was not sent.", e => RawJson.Of(e.New)),
        new("generation", "Where it lies in the buffer.", e => e.Generation),
        new("chunk", "Its chunk there.", e => e.Chunk.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("ordinal", "Its place in the chunk.", e => e.Ordinal),
        new("tableSequence", "The chunk's place among the table's chunks; null while it waits for the table's copy.", e => e.TableSequence, "CHANGE", e => Shorten(Difference(e))));

    public static Listing<EventCount> Counts { get; } = new("eventCounts", "No event fits.",
        new("schema", "Schema of the table.", c => c.Table.Schema),
        new("table", "The table.", c => c.Table.Table, "TABLE", c => c.Table.ToString()),
        new("operation", "read, insert, update, delete or truncate.", c => c.Operation.ToString().ToLowerInvariant(), "OP"),
        new("status", "As in events.", c => c.Status, "STATUS"),
        new("events", "How many.", c => c.Events, "EVENTS") { RightAligned = true },
        new("firstLsn", "Commit LSN of the first.", c => c.FirstLsn.ToString(), "FROM"),
        new("lastLsn", "Commit LSN of the last.", c => c.LastLsn.ToString(), "TO"));

    /// <summary>One event: what changed, column by column, and its way: batch, files, snapshot.</summary>
    public static void WriteDetails(TextWriter output, BufferedEvent found)
    {
        output.WriteLine($"{found.Position}   {Operation(found)} of {TerminalText.Clean(found.Table.ToString())}   committed {TerminalText.Of(found.CommittedAt)}   xid {found.Xid}");
        var (old, now) = (Values(found.Old), Values(found.New));
        foreach (var column in old.Keys.Union(now.Keys))
        {
            var before = old.GetValueOrDefault(column);
            var after = now.GetValueOrDefault(column);
            if (found is { Old: not null, New: not null } && before is not null && before != after)
                output.WriteLine(TerminalText.Clean($"~ {column}: {before} -> {after}"));
            else
                output.WriteLine(TerminalText.Clean($"{(found.New is null ? '-' : '+')} {column}: {after ?? before}"));
        }
        output.WriteLine($"buffer    generation {found.Generation}, chunk {found.Chunk}, event {found.Ordinal}");
        if (found.Origin is { } origin)
            output.WriteLine($"copied    {Words(origin)}");
        output.WriteLine($"batch     {(found.BatchId is { } batch ? $"{batch}, {found.Status}" : "none yet: " + found.Status)}");
        foreach (var file in Paths(found.Files))
            output.WriteLine(TerminalText.Clean($"file      {file}"));
        output.WriteLine($"snapshot  {Snapshot(found) ?? "none yet"}");
        if (found.Why is not null)
            output.WriteLine(TerminalText.Clean($"why       {found.Why}"));
    }

    static string Words(CopyOrigin origin) => FormattableString.Invariant(
        $"part {origin.Range} of the snapshot at {origin.Point}{(origin.Relation is { } relation ? $", blocks {origin.FirstBlock} to {(origin.EndBlock is { } end ? $"{end - 1}" : "the last")} of relation {relation}" : "")}");

    static string? Origin(CopyOrigin? origin) => origin is null ? null
        : JsonSerializer.Serialize(new { point = origin.Point.ToString(), range = origin.Range, relation = origin.Relation, firstBlock = origin.FirstBlock, endBlock = origin.EndBlock });

    static string Operation(BufferedEvent found) => found.Operation.ToString().ToLowerInvariant();

    static string? Snapshot(BufferedEvent found) =>
        found.Status == "committed" ? found.SnapshotId?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;

    static string Difference(BufferedEvent found)
    {
        var (old, now) = (Values(found.Old), Values(found.New));
        return string.Join(' ', found switch
        {
            { New: null } => old.Where(pair => pair.Value != "null").Select(pair => $"{pair.Key}={pair.Value}"),
            { Old: null } => now.Select(pair => $"{pair.Key}={pair.Value}"),
            _ => now.Select(pair => old.GetValueOrDefault(pair.Key) is { } before && before != pair.Value && before != "null" ? $"{pair.Key}={before}->{pair.Value}" : $"{pair.Key}={pair.Value}"),
        });
    }

    static string Shorten(string text) => text.Length <= DiffWidth ? text : text[..(DiffWidth - 1)] + "…";

    static Dictionary<string, string> Values(string? image)
    {
        if (image is null)
            return [];
        using var document = JsonDocument.Parse(image);
        return document.RootElement.EnumerateObject().ToDictionary(
            value => value.Name,
            value => value.Value.ValueKind switch { JsonValueKind.Null => "null", JsonValueKind.Object => "(unchanged)", _ => value.Value.GetString()! },
            StringComparer.Ordinal);
    }

    static IEnumerable<string> Paths(string? files)
    {
        if (files is null)
            return [];
        using var document = JsonDocument.Parse(files);
        return document.RootElement.TryGetProperty("files", out var list) ? [.. list.EnumerateArray().Select(file => file.GetProperty("path").GetString()!)] : [];
    }
}

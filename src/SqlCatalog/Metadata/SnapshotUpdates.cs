using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// Snapshots and the references to them. A stale sequence number or row id is a conflict (409: build it again on the new
/// head), a snapshot that can never fit is the caller's error (400).
/// </summary>
internal static class SnapshotUpdates
{
    public static void Add(TableDraft draft, JsonObject update)
    {
        var document = draft.Document;
        var snapshot = update.Part("snapshot").DeepClone().AsObject();
        var (id, timestamp) = (snapshot.Whole("snapshot-id"), snapshot.Whole("timestamp-ms"));
        _ = draft.CurrentSchema;
        if (document.Find("snapshots", "snapshot-id", id) is not null)
            throw CatalogException.BadRequest($"Snapshot already exists for id: {id}");
        draft.RequireTime(timestamp);
        TakeSequenceNumber(draft, snapshot);
        if (draft.FormatVersion >= 3)
            TakeRowIds(document, snapshot);
        document.List("snapshots").Add(snapshot);
        draft.AddedSnapshotTimes[id] = timestamp;
    }

    public static void SetRef(TableDraft draft, JsonObject update)
    {
        var (document, name, id) = (draft.Document, update.Text("ref-name"), update.Whole("snapshot-id"));
        if (document.Find("snapshots", "snapshot-id", id) is null)
            throw CatalogException.BadRequest($"Cannot set {name} to unknown snapshot: {id}");
        var type = update.Text("type").ToLowerInvariant();
        if (type is not ("branch" or "tag") || (name == TableDraft.Main && type != "branch"))
            throw CatalogException.BadRequest($"Cannot set {name} to a {type}");
        var reference = update.DeepClone().AsObject();
        reference.Remove("action");
        reference.Remove("ref-name");
        reference["type"] = type;
        document["refs"] ??= new JsonObject();
        if (JsonNode.DeepEquals(document.Part("refs")[name], reference))
            return;
        document.Part("refs")[name] = reference;
        if (name == TableDraft.Main)
            MoveMain(draft, id);
    }

    public static void RemoveRef(TableDraft draft, JsonObject update) => RemoveRef(draft, update.Text("ref-name"));

    public static void Remove(TableDraft draft, JsonObject update)
    {
        var (document, ids) = (draft.Document, update.Wholes("snapshot-ids").ToHashSet());
        document.RemoveWhere("snapshots", s => ids.Contains(s.Whole("snapshot-id")));
        foreach (var list in (string[])["statistics", "partition-statistics"])
        {
            if (document[list] is not null)
                document.RemoveWhere(list, f => ids.Contains(f.Whole("snapshot-id")));
        }

        foreach (var (name, _) in Refs(document).Where(r => ids.Contains(r.SnapshotId)).ToList())
            RemoveRef(draft, name);
        draft.SnapshotsRemoved = true;
    }

    public static IEnumerable<(string Name, long SnapshotId)> Refs(JsonObject document) =>
        document.OptionalPart("refs") is { } refs ? refs.Select(r => (r.Key, refs.Part(r.Key).Whole("snapshot-id"))) : [];

    /// <summary>
    /// Takes out of the log what was head only inside this request, and everything before a snapshot that is gone: a gap
    /// would make time travel show a later state for an earlier time.
    /// </summary>
    public static void TrimLog(TableDraft draft)
    {
        var document = draft.Document;
        var head = document.OptionalWhole("current-snapshot-id");
        var passing = draft.MainHeads.Where(id => id != head && draft.AddedSnapshotTimes.ContainsKey(id)).ToHashSet();
        if (passing.Count == 0 && !draft.SnapshotsRemoved)
            return;
        var existing = document.Objects("snapshots").Select(s => s.Whole("snapshot-id")).ToHashSet();
        var kept = new List<JsonNode?>();
        foreach (var entry in document.Objects("snapshot-log"))
        {
            if (!existing.Contains(entry.Whole("snapshot-id")))
                kept.Clear();
            else if (!passing.Contains(entry.Whole("snapshot-id")))
                kept.Add(entry.DeepClone());
        }

        document["snapshot-log"] = new JsonArray([.. kept]);
    }

    static void TakeSequenceNumber(TableDraft draft, JsonObject snapshot)
    {
        if (draft.FormatVersion == 1)
            return;
        var (document, number) = (draft.Document, snapshot.Whole("sequence-number"));
        var last = document.OptionalWhole("last-sequence-number") ?? 0;
        if (number <= last && snapshot.OptionalWhole("parent-snapshot-id") is not null)
            throw CatalogException.CommitFailed($"Cannot add snapshot with sequence number {number} older than last sequence number {last}");
        document["last-sequence-number"] = Math.Max(last, number);
    }

    static void TakeRowIds(JsonObject document, JsonObject snapshot)
    {
        var next = document.OptionalWhole("next-row-id") ?? 0;
        var first = snapshot.OptionalWhole("first-row-id") ?? throw CatalogException.BadRequest("Cannot add a snapshot: first-row-id is null");
        var added = snapshot.OptionalWhole("added-rows") ?? throw CatalogException.BadRequest("Cannot add a snapshot: added-rows is null");
        if (first < next)
            throw CatalogException.CommitFailed($"Cannot add a snapshot, first-row-id is behind table next-row-id: {first} < {next}");
        document["next-row-id"] = Math.Max(next, first + added);
    }

    static void MoveMain(TableDraft draft, long id)
    {
        var document = draft.Document;
        if (document.OptionalWhole("current-snapshot-id") == id)
            return;
        var last = document.Objects("snapshot-log").LastOrDefault()?.Whole("timestamp-ms") ?? 0;
        var timestamp = draft.AddedSnapshotTimes.TryGetValue(id, out var added) ? added : Math.Max(draft.NowMs, last);
        document["current-snapshot-id"] = id;
        document.List("snapshot-log").Add(new JsonObject { ["timestamp-ms"] = timestamp, ["snapshot-id"] = id });
        draft.MainHeads.Add(id);
    }

    static void RemoveRef(TableDraft draft, string name)
    {
        if (name == TableDraft.Main)
            draft.Document.Remove("current-snapshot-id");
        draft.Document.OptionalPart("refs")?.Remove(name);
    }
}

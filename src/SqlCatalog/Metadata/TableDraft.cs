using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// A table's next metadata document while updates are applied to it. "Last added" (-1 in the protocol) is of this request
/// only. Pure: the clock is an argument, nothing is read or written.
/// </summary>
internal sealed class TableDraft(JsonObject document, long nowMs)
{
    public const string Main = "main";

    /// <summary>A snapshot from further ahead than this would make every later commit look like one from the past.</summary>
    const long AheadMsMax = 10 * 60_000;

    /// <summary>What Iceberg's readers tolerate between entries of the snapshot log.</summary>
    public const long BehindMsMax = 60_000;

    public JsonObject Document { get; } = document;

    public long NowMs { get; } = nowMs;

    public long? LastAddedSchemaId { get; set; }

    public long? LastAddedSpecId { get; set; }

    public long? LastAddedSortOrderId { get; set; }

    public Dictionary<long, long> AddedSnapshotTimes { get; } = [];

    /// <summary>Snapshots that were main's head for a moment inside this request.</summary>
    public List<long> MainHeads { get; } = [];

    public bool SnapshotsRemoved { get; set; }

    public int FormatVersion => (int)(Document.OptionalWhole("format-version") ?? 2);

    public JsonObject CurrentSchema =>
        Document.Find("schemas", "schema-id", Document.OptionalWhole("current-schema-id") ?? -1)
        ?? throw CatalogException.BadRequest("The table has no current schema.");

    public static TableDraft Empty(int formatVersion, long nowMs)
    {
        var document = new JsonObject { ["format-version"] = formatVersion };
        if (formatVersion > 1)
            document["last-sequence-number"] = 0;
        if (formatVersion > 2)
            document["next-row-id"] = 0;
        return new TableDraft(document, nowMs);
    }

    public void RequireTime(long timestampMs)
    {
        if (timestampMs > NowMs + AheadMsMax)
            throw CatalogException.BadRequest($"Invalid update timestamp {timestampMs}: ahead of the catalog's clock {NowMs}");
        if (Document.Objects("snapshot-log").LastOrDefault()?.Whole("timestamp-ms") is { } last && timestampMs < last - BehindMsMax)
            throw CatalogException.BadRequest($"Invalid update timestamp {timestampMs}: before last snapshot log entry at {last}");
    }

    /// <summary>Checks the whole and fills in what every document has; call once, after the last update.</summary>
    public void Complete()
    {
        foreach (var field in (ReadOnlySpan<string>)["table-uuid", "location"])
            Document.Text(field);
        PartitionUpdates.RequireSources(this);
        SnapshotUpdates.TrimLog(this);
        var latest = AddedSnapshotTimes.Count == 0 ? NowMs : AddedSnapshotTimes.Values.Max();
        Document["last-updated-ms"] = Math.Max(latest, Document.OptionalWhole("last-updated-ms") ?? 0);
        foreach (var field in (ReadOnlySpan<string>)["snapshots", "snapshot-log", "metadata-log"])
            Document.List(field);
        Document["properties"] ??= new JsonObject();
        Document["refs"] ??= new JsonObject();
        LegacyFields.Write(Document);
    }
}

using System.Text.Json.Nodes;

namespace Philotes.Catalog.Tests;

/// <summary>Requests and parts of them, as clients send them.</summary>
internal static class Documents
{
    public static JsonObject Schema() => Object("""
        {"type": "struct", "schema-id": 0, "fields": [
            {"id": 11, "name": "id", "required": true, "type": "long"},
            {"id": 12, "name": "name", "required": false, "type": "string"}]}
        """);

    public static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    public static JsonObject Commit(IEnumerable<string> requirements, params IEnumerable<string> updates) => new()
    {
        ["requirements"] = new JsonArray([.. requirements.Select(r => JsonNode.Parse(r))]),
        ["updates"] = new JsonArray([.. updates.Select(u => JsonNode.Parse(u))]),
    };

    public static string SetProperty(string key, string value) =>
        new JsonObject { ["action"] = "set-properties", ["updates"] = new JsonObject { [key] = value } }.ToJsonString();

    public static string AssertRef(long? snapshotId) =>
        new JsonObject { ["type"] = "assert-ref-snapshot-id", ["ref"] = "main", ["snapshot-id"] = snapshotId }.ToJsonString();

    public static string AddSnapshot(long id, long? parent, long sequenceNumber, long timestampMs) => new JsonObject
    {
        ["action"] = "add-snapshot",
        ["snapshot"] = new JsonObject
        {
            ["snapshot-id"] = id,
            ["parent-snapshot-id"] = parent,
            ["sequence-number"] = sequenceNumber,
            ["timestamp-ms"] = timestampMs,
            ["manifest-list"] = $"file:///nowhere/snap-{id}.avro",
            ["summary"] = new JsonObject { ["operation"] = "append" },
            ["schema-id"] = 0,
        },
    }.ToJsonString();

    public static string SetMain(long id) =>
        new JsonObject { ["action"] = "set-snapshot-ref", ["ref-name"] = "main", ["type"] = "branch", ["snapshot-id"] = id }.ToJsonString();
}

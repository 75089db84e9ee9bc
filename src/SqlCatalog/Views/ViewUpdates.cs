using System.Globalization;
using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Views;

/// <summary>
/// The updates of a view's metadata ("Iceberg view specification"): versions equal but for id and time share an id, and one
/// request makes at most one entry of the history.
/// </summary>
internal sealed class ViewUpdates(JsonObject document, long nowMs)
{
    const int HistoryLengthDefault = 10;

    readonly JsonObject? _versionBefore = Current(document)?.DeepClone().AsObject();
    readonly HashSet<long> _addedVersions = [];
    long? _lastAddedSchemaId;
    long? _lastAddedVersionId;
    JsonObject? _historyEntry;

    public void Apply(JsonObject update)
    {
        Action<JsonObject> apply = update.Text("action") switch
        {
            "assign-uuid" => AssignUuid,
            "upgrade-format-version" => UpgradeFormatVersion,
            "set-location" => u => document["location"] = u.Text("location"),
            "set-properties" => SetProperties,
            "remove-properties" => RemoveProperties,
            "add-schema" => u => AddSchema(u.Part("schema")),
            "add-view-version" => u => AddVersion(u.Part("view-version")),
            "set-current-view-version" => u => SetCurrentVersion(u.Whole("view-version-id")),
            var unknown => throw CatalogException.BadRequest($"Cannot convert metadata update action to apply: {unknown}"),
        };
        apply(update);
    }

    /// <summary>Closes the history and lets go of versions beyond its length; call once, after the last update.</summary>
    public void Complete()
    {
        if (_historyEntry is not null)
            document.List("version-log").Add(_historyEntry);
        RequireDialects();
        var length = HistoryLengthDefault;
        if (document.TextMap("properties").TryGetValue("version.history.num-entries", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) || length == 0))
            throw CatalogException.BadRequest($"version.history.num-entries must be positive but was {text}");
        Expire(Math.Max(length, _addedVersions.Append(document.Whole("current-version-id")).Distinct().Count()));
    }

    void AssignUuid(JsonObject update)
    {
        if (document.OptionalText("view-uuid") is { } existing && existing != update.Text("uuid"))
            throw CatalogException.BadRequest("Cannot reassign uuid");
        document["view-uuid"] = update.Text("uuid");
    }

    void UpgradeFormatVersion(JsonObject update)
    {
        if (update.Whole("format-version") != document.Whole("format-version"))
            throw CatalogException.BadRequest($"Cannot change the format version of a view to {update.Whole("format-version")}");
    }

    void SetProperties(JsonObject update)
    {
        document["properties"] ??= new JsonObject();
        foreach (var (key, value) in update.TextMap("updates"))
            document.Part("properties")[key] = value;
    }

    void RemoveProperties(JsonObject update)
    {
        foreach (var key in update.Texts("removals"))
            document.OptionalPart("properties")?.Remove(key);
    }

    void AddSchema(JsonObject given)
    {
        var schema = given.DeepClone().AsObject();
        SchemaFields.Require(schema, NewTable.FormatVersionMax);
        if (document.Objects("schemas").FirstOrDefault(s => SchemaFields.Same(s, schema)) is { } same)
        {
            _lastAddedSchemaId = same.Whole("schema-id");
            return;
        }

        _lastAddedSchemaId = document.Objects("schemas").Select(s => s.Whole("schema-id") + 1).Append(0).Max();
        schema["schema-id"] = _lastAddedSchemaId;
        document.List("schemas").Add(schema);
    }

    void AddVersion(JsonObject given)
    {
        var version = given.DeepClone().AsObject();
        if (version.Whole("schema-id") == SchemaUpdates.LastAdded)
            version["schema-id"] = _lastAddedSchemaId ?? throw CatalogException.BadRequest("Cannot set last added schema: no schema has been added");
        if (document.Find("schemas", "schema-id", version.Whole("schema-id")) is null)
            throw CatalogException.BadRequest($"Cannot add version with unknown schema: {version.Whole("schema-id")}");
        var dialects = new HashSet<string>(StringComparer.Ordinal);
        if (Dialects(version).FirstOrDefault(d => !dialects.Add(d)) is { } twice)
            throw CatalogException.IllegalArgument($"Invalid view version: Cannot add multiple queries for dialect {twice}");
        if (document.Objects("versions").FirstOrDefault(v => Same(v, version)) is { } same)
        {
            _lastAddedVersionId = same.Whole("version-id");
            return;
        }

        _lastAddedVersionId = document.Objects("versions").Select(v => v.Whole("version-id") + 1).Append(version.Whole("version-id")).Max();
        version["version-id"] = _lastAddedVersionId;
        document.List("versions").Add(version);
        _addedVersions.Add(_lastAddedVersionId.Value);
    }

    void SetCurrentVersion(long given)
    {
        var id = given == SchemaUpdates.LastAdded
            ? _lastAddedVersionId ?? throw CatalogException.BadRequest("Cannot set last version id: no current version id has been set")
            : given;
        if (document.OptionalWhole("current-version-id") == id)
            return;
        var version = document.Find("versions", "version-id", id)
            ?? throw CatalogException.BadRequest($"Cannot set current version to unknown version: {id}");
        document["current-version-id"] = id;
        var timestamp = _addedVersions.Contains(id) ? version.Whole("timestamp-ms") : nowMs;
        _historyEntry = new JsonObject { ["version-id"] = id, ["timestamp-ms"] = timestamp };
    }

    void RequireDialects()
    {
        if (_versionBefore is null || document.TextMap("properties").GetValueOrDefault("replace.drop-dialect.allowed") == "true")
            return;
        var now = Dialects(Current(document)!).ToHashSet(StringComparer.Ordinal);
        if (!now.IsSupersetOf(Dialects(_versionBefore)))
        {
            throw CatalogException.BadRequest(
                "Cannot replace view due to loss of view dialects (replace.drop-dialect.allowed=false):\n"
                + $"Previous dialects: [{string.Join(", ", Dialects(_versionBefore))}]\nNew dialects: [{string.Join(", ", now)}]");
        }
    }

    void Expire(int keep)
    {
        var current = document.Whole("current-version-id");
        var ids = document.Objects("versions").Select(v => v.Whole("version-id")).ToList();
        if (ids.Count <= keep)
            return;
        var kept = ids.Where(id => id != current).OrderDescending().Take(keep - 1).Append(current).ToHashSet();
        document.RemoveWhere("versions", v => !kept.Contains(v.Whole("version-id")));
        var history = new List<JsonNode?>();
        foreach (var entry in document.Objects("version-log"))
        {
            // A gap would show a later version for an earlier time.
            if (kept.Contains(entry.Whole("version-id")))
                history.Add(entry.DeepClone());
            else
                history.Clear();
        }

        document["version-log"] = new JsonArray([.. history]);
    }

    static JsonObject? Current(JsonObject document) =>
        document.OptionalWhole("current-version-id") is { } id ? document.Find("versions", "version-id", id) : null;

    static IEnumerable<string> Dialects(JsonObject version) =>
        version.Objects("representations").Where(r => r.Text("type") == "sql").Select(r => r.Text("dialect").ToLowerInvariant());

    static bool Same(JsonObject left, JsonObject right) =>
        ((string[])["summary", "representations", "default-catalog", "default-namespace", "schema-id"]).All(f => JsonNode.DeepEquals(left[f], right[f]));
}

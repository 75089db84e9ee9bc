using System.Text.Json;
using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// Typed reading of documents that stay documents: what we do not know is never touched, so it survives. A missing or
/// ill-typed field is the caller's error (400).
/// </summary>
internal static class JsonFields
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 128 };

    public static JsonObject Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonNode.Parse(utf8, nodeOptions: null, Strict) as JsonObject ?? throw CatalogException.BadRequest("A JSON object is expected.");
        }
        catch (JsonException e)
        {
            throw CatalogException.BadRequest($"Malformed JSON: {e.Message}");
        }
    }

    public static string Text(this JsonObject o, string field) => o.OptionalText(field) ?? throw Missing(field);

    public static string? OptionalText(this JsonObject o, string field) => o[field] switch
    {
        null => null,
        JsonValue v when v.TryGetValue(out string? text) => text,
        _ => throw CatalogException.BadRequest($"Cannot parse to a string value: {field}"),
    };

    public static long Whole(this JsonObject o, string field) => o.OptionalWhole(field) ?? throw Missing(field);

    public static long? OptionalWhole(this JsonObject o, string field) =>
        o[field] is { } node ? WholeOf(node, field) : null;

    public static long WholeOf(JsonNode? node, string field) => node switch
    {
        JsonValue v when v.TryGetValue(out long number) => number,
        JsonValue v when v.TryGetValue(out int number) => number,
        _ => throw CatalogException.BadRequest($"Cannot parse to a long value: {field}"),
    };

    public static bool Truth(this JsonObject o, string field) => o[field] is JsonValue v && v.TryGetValue(out bool truth) && truth;

    public static JsonObject Part(this JsonObject o, string field) => o.OptionalPart(field) ?? throw Missing(field);

    public static JsonObject? OptionalPart(this JsonObject o, string field) => o[field] switch
    {
        null => null,
        JsonObject part => part,
        _ => throw CatalogException.BadRequest($"Cannot parse to an object: {field}"),
    };

    /// <summary>The list under <paramref name="field"/>; made, empty, when it is missing.</summary>
    public static JsonArray List(this JsonObject o, string field)
    {
        if (o[field] is null)
            o[field] = new JsonArray();
        return o[field] as JsonArray ?? throw CatalogException.BadRequest($"Cannot parse to a list: {field}");
    }

    public static IEnumerable<JsonObject> Objects(this JsonObject o, string field) => o[field] switch
    {
        null => [],
        JsonArray list => list.Select(item => item as JsonObject ?? throw CatalogException.BadRequest($"Not a list of objects: {field}")),
        _ => throw CatalogException.BadRequest($"Cannot parse to a list: {field}"),
    };

    public static IReadOnlyList<string> Texts(this JsonObject o, string field) => o[field] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => TextOf(item, field))],
        _ => throw CatalogException.BadRequest($"Cannot parse to a list: {field}"),
    };

    /// <summary>The numbers of a list in their order; none when it is missing.</summary>
    public static IReadOnlyList<long> Wholes(this JsonObject o, string field) => o[field] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => WholeOf(item, field))],
        _ => throw CatalogException.BadRequest($"Cannot parse to a list: {field}"),
    };

    public static Dictionary<string, string> TextMap(this JsonObject o, string field) =>
        o.OptionalPart(field)?.ToDictionary(p => p.Key, p => TextOf(p.Value, field), StringComparer.Ordinal) ?? [];

    public static JsonObject ToJson(this IEnumerable<KeyValuePair<string, string>> map) =>
        new(map.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value))));

    /// <summary>The object of the list whose <paramref name="idField"/> is <paramref name="id"/>.</summary>
    public static JsonObject? Find(this JsonObject o, string list, string idField, long id) =>
        o.Objects(list).FirstOrDefault(item => item.OptionalWhole(idField) == id);

    public static void RemoveWhere(this JsonObject o, string list, Func<JsonObject, bool> condition)
    {
        foreach (var item in o.Objects(list).Where(condition).ToList())
            o.List(list).Remove(item);
    }

    static string TextOf(JsonNode? node, string field) =>
        node is JsonValue v && v.TryGetValue(out string? text) ? text! : throw CatalogException.BadRequest($"Cannot parse to string values: {field}");

    static CatalogException Missing(string field) => CatalogException.BadRequest($"Cannot parse missing field: {field}");
}

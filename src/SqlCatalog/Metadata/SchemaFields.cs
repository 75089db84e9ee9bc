using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>Walks over the fields of a schema document: structs, lists and maps, however deep.</summary>
internal static partial class SchemaFields
{
    /// <summary>Fields, list elements, map keys and values: everything that has an id, with its full dotted name.</summary>
    public static IEnumerable<(long Id, string Name, JsonNode? Type)> All(JsonNode? type, string prefix = "") => type switch
    {
        JsonObject o when o["fields"] is not null => o.Objects("fields").SelectMany(f => Own(f.Whole("id"), prefix + f.Text("name"), f["type"])),
        JsonObject o when o["element-id"] is not null => Own(o.Whole("element-id"), prefix + "element", o["element"]),
        JsonObject o when o["key-id"] is not null =>
            Own(o.Whole("key-id"), prefix + "key", o["key"]).Concat(Own(o.Whole("value-id"), prefix + "value", o["value"])),
        JsonValue => [],
        _ => throw CatalogException.BadRequest($"Cannot parse type from json: {type?.ToJsonString()}"),
    };

    public static long HighestId(JsonObject schema) => All(schema).Select(f => f.Id).Append(0).Max();

    public static bool Same(JsonObject left, JsonObject right) =>
        JsonNode.DeepEquals(left["fields"], right["fields"])
        && left.Wholes("identifier-field-ids").ToHashSet().SetEquals(right.Wholes("identifier-field-ids"));

    /// <summary>Refuses what no reader could use: unknown types, ids or names given twice, identifiers that are not fields.</summary>
    public static void Require(JsonObject schema, int formatVersion)
    {
        schema["type"] ??= "struct";
        if (schema["fields"] is not JsonArray)
            throw CatalogException.BadRequest("Cannot parse missing field: fields");
        var (ids, names) = (new HashSet<long>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (id, name, type) in All(schema))
        {
            if (!ids.Add(id))
                throw CatalogException.BadRequest($"Multiple entries with the same field id: {id}");
            if (!names.Add(name))
                throw CatalogException.BadRequest($"Invalid schema: multiple fields for name {name}");
            if (type is JsonValue v)
                RequirePrimitive(name, v.TryGetValue(out string? text) ? text! : "", formatVersion);
        }

        var identifiers = schema.Wholes("identifier-field-ids");
        if (identifiers.FirstOrDefault(id => !ids.Contains(id), -1) is var missing and not -1)
            throw CatalogException.BadRequest($"Cannot add field {missing} as an identifier field: field does not exist");
        if (identifiers.Count == 0)
            schema.Remove("identifier-field-ids");
    }

    static void RequirePrimitive(string name, string type, int formatVersion)
    {
        if (!Known().IsMatch(type) && !(KnownFromV3().IsMatch(type) && formatVersion >= 3))
            throw CatalogException.BadRequest($"Invalid type for {name}: {type} is not supported in v{formatVersion}");
    }

    static IEnumerable<(long Id, string Name, JsonNode? Type)> Own(long id, string name, JsonNode? type) =>
        All(type, name + ".").Prepend((id, name, type));

    [GeneratedRegex(@"^(boolean|int|long|float|double|date|time|timestamp|timestamptz|string|uuid|binary|fixed\[\d+\]|decimal\(\s*\d+\s*,\s*\d+\s*\))$")]
    private static partial Regex Known();

    [GeneratedRegex(@"^(timestamp_ns|timestamptz_ns|unknown|variant|geometry(\(.*\))?|geography(\(.*\))?)$")]
    private static partial Regex KnownFromV3();
}

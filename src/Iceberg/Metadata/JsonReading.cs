using System.Text.Json;

namespace Philotes.Iceberg.Metadata;

/// <summary>
/// Lenient reading of JSON objects: an absent field and a null one are the same, unknown fields are skipped, but a field of the wrong kind is an
/// error that names it. Numbers are read as 64-bit integers, never through a double: snapshot ids do not fit one.
/// </summary>
internal static class JsonReading
{
    public static JsonElement? Optional(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var field) && field.ValueKind is not JsonValueKind.Null ? field : null;

    public static JsonElement Required(this JsonElement parent, string name) =>
        parent.Optional(name) ?? throw new IcebergFormatException($"The required field '{name}' is missing.");

    public static long Long(this JsonElement parent, string name) => AsLong(parent.Required(name), name);

    public static long? OptionalLong(this JsonElement parent, string name) => parent.Optional(name) is { } field ? AsLong(field, name) : null;

    public static int Int(this JsonElement parent, string name) => AsInt(parent.Required(name), name);

    public static int? OptionalInt(this JsonElement parent, string name) => parent.Optional(name) is { } field ? AsInt(field, name) : null;

    public static string Text(this JsonElement parent, string name) => AsText(parent.Required(name), name);

    public static string? OptionalText(this JsonElement parent, string name) => parent.Optional(name) is { } field ? AsText(field, name) : null;

    public static IEnumerable<JsonElement> Items(this JsonElement parent, string name) => parent.Optional(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { } other => throw Wrong(name, "a list", other),
    };

    public static IReadOnlyDictionary<string, string> TextMap(this JsonElement parent, string name)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in Fields(parent, name))
        {
            map[field.Name] = field.Value.ValueKind is JsonValueKind.String ? field.Value.GetString()! : field.Value.GetRawText();
        }

        return map;
    }

    public static IEnumerable<JsonProperty> Fields(this JsonElement parent, string name) => parent.Optional(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject(),
        { } other => throw Wrong(name, "an object", other),
    };

    public static void RequireObject(this JsonElement element, string what)
    {
        if (element.ValueKind is not JsonValueKind.Object)
        {
            throw Wrong(what, "an object", element);
        }
    }

    static long AsLong(JsonElement field, string name) =>
        field.ValueKind is JsonValueKind.Number && field.TryGetInt64(out var value) ? value : throw Wrong(name, "a 64-bit integer", field);

    static int AsInt(JsonElement field, string name) =>
        field.ValueKind is JsonValueKind.Number && field.TryGetInt32(out var value) ? value : throw Wrong(name, "a 32-bit integer", field);

    static string AsText(JsonElement field, string name) =>
        field.ValueKind is JsonValueKind.String ? field.GetString()! : throw Wrong(name, "a string", field);

    static IcebergFormatException Wrong(string name, string wanted, JsonElement found)
    {
        var text = found.ValueKind is JsonValueKind.Undefined ? "nothing" : found.GetRawText();
        return new($"'{name}' must be {wanted}, found {(text.Length > 80 ? text[..80] + "…" : text)}.");
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Philotes.Hosting;

/// <summary>The JSON schema (2020-12) of <c>philotes.yaml</c>, made from the options, for completion in editors.</summary>
public static class ConfigurationSchema
{
    static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "philotes.yaml");
            WriteSection(json, typeof(PhilotesOptions));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>The members of an object's schema, into an object that is already open.</summary>
    static void WriteSection(Utf8JsonWriter json, Type section)
    {
        var defaults = Activator.CreateInstance(section)!;
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var key in OptionKey.Of(section))
        {
            json.WriteStartObject(key.Name);
            WriteKey(json, key, key.Property.GetValue(defaults));
            json.WriteEndObject();
            if (key.Type == typeof(Secret))
                WriteSecretFile(json, key);
        }
        json.WriteEndObject();
        var mandatory = OptionKey.Of(section).Where(key => key.Mandatory && key.Type != typeof(Secret)).Select(key => key.Name).ToList();
        if (mandatory.Count == 0)
            return;
        json.WriteStartArray("required");
        mandatory.ForEach(json.WriteStringValue);
        json.WriteEndArray();
    }

    static void WriteSecretFile(Utf8JsonWriter json, OptionKey key)
    {
        json.WriteStartObject(key.Name + "_file");
        json.WriteString("description", $"File that holds {key.Name}.");
        json.WriteString("type", "string");
        json.WriteEndObject();
    }

    static void WriteKey(Utf8JsonWriter json, OptionKey key, object? standard)
    {
        var between = key.Between is { } range ? $" From {range.Least} to {range.Most}." : "";
        json.WriteString("description", key.Description + between);
        if (LeafType.Of(key.Type) is { } leaf)
        {
            WriteLeaf(json, key.Type, leaf);
            if (standard is not null and not "")
                WriteDefault(json, key.Type, leaf, standard);
        }
        else if (key.ItemType is { } item)
        {
            json.WriteString("type", "array");
            json.WriteStartObject("items");
            if (LeafType.Of(item) is { } itemLeaf)
                WriteLeaf(json, item, itemLeaf);
            else
                WriteSection(json, item);
            json.WriteEndObject();
        }
        else if (key.IsMap)
        {
            json.WriteString("type", "object");
            json.WriteStartObject("additionalProperties");
            json.WriteString("type", "string");
            json.WriteEndObject();
        }
        else if (key.NamedSectionType is { } named)
        {
            json.WriteString("type", "object");
            json.WriteStartObject("additionalProperties");
            WriteSection(json, named);
            json.WriteEndObject();
        }
        else
        {
            WriteSection(json, key.Type);
        }
    }

    static void WriteLeaf(Utf8JsonWriter json, Type type, LeafType leaf)
    {
        if (type.IsEnum)
        {
            json.WriteStartArray("enum");
            foreach (var value in LeafType.Values(type))
                json.WriteStringValue(value);
            json.WriteEndArray();
            return;
        }
        json.WriteString("type", type == typeof(int) ? "integer" : type == typeof(bool) ? "boolean" : "string");
        if (leaf.Pattern is not null)
            json.WriteString("pattern", leaf.Pattern);
    }

    static void WriteDefault(Utf8JsonWriter json, Type type, LeafType leaf, object standard)
    {
        if (type == typeof(int))
            json.WriteNumber("default", (int)standard);
        else if (type == typeof(bool))
            json.WriteBoolean("default", (bool)standard);
        else
            json.WriteString("default", leaf.Format(standard));
    }
}

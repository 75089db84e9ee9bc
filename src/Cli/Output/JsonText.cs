using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Philotes.Cli;

/// <summary>
/// The JSON of every verb. Each document names its shape: <c>{"apiVersion":"philotes/v1","kind":"batches", …}</c>. Under one apiVersion members
/// are added and never changed or taken away. Identifiers of 64 bits are texts, because many readers of JSON lose their last digits.
/// </summary>
static class JsonText
{
    public const string ApiVersion = "philotes/v1";

    static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static string Quoted(string text) => $"\"{Encoder.Encode(text)}\"";

    /// <summary>A document as it would be written.</summary>
    public static JsonElement Document(string kind, Action<Utf8JsonWriter> members)
    {
        using var document = JsonDocument.Parse(Bytes(kind, members, indented: false));
        return document.RootElement.Clone();
    }

    public static void WriteDocument(TextWriter output, string kind, Action<Utf8JsonWriter> members) => Write(output, kind, members, indented: true);

    public static void WriteLine(TextWriter output, string kind, Action<Utf8JsonWriter> members) => Write(output, kind, members, indented: false);

    public static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(Math.Round(number, 3));
                break;
            case DateTimeOffset time:
                json.WriteStringValue(time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture));
                break;
            case TimeSpan duration:
                json.WriteNumberValue(Math.Round(duration.TotalSeconds, 3));
                break;
            case RawJson raw:
                json.WriteRawValue(raw.Text);
                break;
            case IEnumerable<string> list:
                json.WriteStartArray();
                foreach (var item in list)
                    json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    static void Write(TextWriter output, string kind, Action<Utf8JsonWriter> members, bool indented) => output.WriteLine(Encoding.UTF8.GetString(Bytes(kind, members, indented)));

    static byte[] Bytes(string kind, Action<Utf8JsonWriter> members, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, Encoder = Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", ApiVersion);
            json.WriteString("kind", kind);
            members(json);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>The JSON bodies of requests and replies.</summary>
internal static class RestBodies
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> CreateNamespace(NamespaceName name, IReadOnlyDictionary<string, string> properties) => WriteObject(json =>
    {
        WriteTexts(json, "namespace", name.Levels);
        WriteMap(json, "properties", properties);
    });

    public static ReadOnlyMemory<byte> CreateTable(CreateTableRequest request, bool staged) => WriteObject(json =>
    {
        json.WriteString("name", request.Table.Name);
        json.WritePropertyName("schema");
        request.Schema.Write(json);
        json.WritePropertyName("partition-spec");
        request.PartitionSpec.Write(json);
        json.WritePropertyName("write-order");
        request.SortOrder.Write(json);
        json.WriteBoolean("stage-create", staged);
        WriteMap(json, "properties", request.Properties);
    });

    public static ReadOnlyMemory<byte> Commit(CommitRequest request) => WriteObject(json => WriteCommit(json, request));

    public static ReadOnlyMemory<byte> Transaction(IReadOnlyList<CommitRequest> requests) => WriteObject(json =>
    {
        json.WriteStartArray("table-changes");
        foreach (var request in requests)
        {
            json.WriteStartObject();
            WriteCommit(json, request);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <exception cref="IcebergFormatException">The reply is not a table: a page of a proxy, an empty object, cut off.</exception>
    public static LoadedTable ReadTable(TableIdentifier table, RestReply reply)
    {
        var json = Parse(reply);
        return new LoadedTable(
            table,
            TableMetadata.Read(json.Required("metadata")),
            json.OptionalText("metadata-location"),
            json.TextMap("config"),
            ReadCredentials(json),
            reply.Date,
            reply.ETag);
    }

    public static IReadOnlyList<StorageCredential> ReadCredentials(JsonElement json) =>
        [.. json.Items("storage-credentials").Select(item => new StorageCredential(item.OptionalText("prefix") ?? "", item.TextMap("config")))];

    /// <summary>A request to be signed, without its body.</summary>
    public static ReadOnlyMemory<byte> Sign(
        string method, Uri uri, string region, IReadOnlyDictionary<string, string> headers, IReadOnlyDictionary<string, string> properties) => WriteObject(json =>
    {
        json.WriteString("provider", "s3");
        json.WriteString("region", region);
        json.WriteString("method", method);
        json.WriteString("uri", uri.AbsoluteUri);
        json.WriteStartObject("headers");
        foreach (var (name, value) in headers)
        {
            WriteTexts(json, name, [value]);
        }

        json.WriteEndObject();
        WriteMap(json, "properties", properties);
    });

    public static JsonElement Parse(RestReply reply)
    {
        try
        {
            var json = JsonElement.Parse(reply.Body.Span);
            json.RequireObject("reply");
            return json;
        }
        catch (JsonException malformed)
        {
            throw new IcebergFormatException($"Status {reply.Status}, but not with JSON. {CatalogError.Read(reply).Text}", malformed);
        }
    }

    static void WriteCommit(Utf8JsonWriter json, CommitRequest request)
    {
        json.WriteStartObject("identifier");
        WriteTexts(json, "namespace", request.Table.Namespace.Levels);
        json.WriteString("name", request.Table.Name);
        json.WriteEndObject();
        json.WriteStartArray("requirements");
        foreach (var requirement in request.Requirements)
        {
            requirement.Write(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("updates");
        foreach (var update in request.Updates)
        {
            update.Write(json);
        }

        json.WriteEndArray();
    }

    static ReadOnlyMemory<byte> WriteObject(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}

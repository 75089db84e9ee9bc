using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Philotes.SqlCatalog.Entries;
using Philotes.Iceberg.Storage;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// Metadata files: <c>NNNNN-uuid.metadata.json</c> under the table's <c>metadata</c> folder, written once and never changed.
/// The number counts the table's states; the uuid keeps two writers of the same number apart.
/// </summary>
internal sealed class MetadataFiles(string warehouse, IObjectStore store, ILogger logger)
{
    const int NameLengthMax = 64;

    static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Where a new entry lives when nobody chose a place. The uuid makes it an own folder for ever: a table that was renamed
    /// or dropped without purge keeps its files out of reach of a later one of the same name.
    /// </summary>
    public string DefaultLocation(EntryName name, string uuid) =>
        string.Join('/', name.Namespace.Levels.Select(Plain).Prepend(warehouse).Append($"{Plain(name.Name)}-{uuid[..8]}"));

    public async Task<JsonObject> ReadAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await store.ReadAsync(location, cancellationToken);
            return JsonFields.Parse(IsGzip(bytes) ? Unpack(bytes) : bytes);
        }
        catch (ObjectStoreException e) when (e.Failure == ObjectStoreFailure.NotFound)
        {
            throw CatalogException.NoFile(location);
        }
    }

    /// <summary>A current file that is gone must not look like one that did not change.</summary>
    public async Task RequireAsync(string location, CancellationToken cancellationToken)
    {
        if (await store.HeadAsync(location, cancellationToken) is null)
            throw CatalogException.NoFile(location);
    }

    /// <summary>The bytes of another file of a table; null when it is gone or cannot be had.</summary>
    public async Task<byte[]?> TryReadAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await store.ReadAsync(location, cancellationToken);
            return IsGzip(bytes) ? Unpack(bytes) : bytes;
        }
        catch (ObjectStoreException e)
        {
            logger.FileUnread(location, e);
            return null;
        }
    }

    /// <summary>Writes the next state of a document; returns where it is and its bytes. A crash after it leaves a file that nothing refers to.</summary>
    public async Task<(string Location, ReadOnlyMemory<byte> Bytes)> WriteAsync(JsonObject document, string? previousLocation, CancellationToken cancellationToken)
    {
        var folder = document.OptionalPart("properties")?.OptionalText("write.metadata.path") ?? $"{document.Text("location")}/metadata";
        var number = previousLocation is null ? 0 : NumberOf(previousLocation) + 1;
        var location = string.Create(CultureInfo.InvariantCulture, $"{folder.TrimEnd('/')}/{number:D5}-{Guid.NewGuid():D}.metadata.json");
        var bytes = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(bytes, Written))
            document.WriteTo(writer);
        await store.PutNewAsync(location, bytes.WrittenMemory, cancellationToken);
        return (location, bytes.WrittenMemory);
    }

    /// <summary>Removes files that nothing refers to any more; one that cannot be removed stays behind as an orphan.</summary>
    public async Task DeleteAsync(IEnumerable<string> locations, CancellationToken cancellationToken)
    {
        foreach (var location in locations)
        {
            try
            {
                await store.DeleteAsync(location, cancellationToken);
            }
            catch (ObjectStoreException e)
            {
                logger.FileStayed(location, e);
            }
        }
    }

    static int NumberOf(string location)
    {
        var name = location[(location.LastIndexOf('/') + 1)..];
        return int.TryParse(name.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    static string Plain(string name) =>
        new([.. name.Take(NameLengthMax).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_')]);

    static bool IsGzip(byte[] bytes) => bytes is [0x1F, 0x8B, ..];

    static byte[] Unpack(byte[] bytes)
    {
        using var unpacked = new MemoryStream();
        using (var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
            packed.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}

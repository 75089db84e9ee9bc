using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace Philotes.Iceberg.Avro;

/// <summary>
/// Avro object container files (Avro specification, Object Container Files), whole in memory.
/// <code>
/// file  = 'O' 'b' 'j' 01, metadata: map of bytes (avro.schema, avro.codec, the format's own keys), sync: 16 bytes, block*
/// block = count: long, size: long, size bytes of data as the codec left them, sync
/// </code>
/// Written with codec <c>deflate</c> (RFC 1951, no zlib header), which every reader has; read with deflate or null.
/// The sync marker is a hash of the content instead of a random number: the same entries give the same bytes.
/// </summary>
internal static class AvroFile
{
    private const int SyncLength = 16;
    private const int BlockRecordsMax = 4_000;
    private const string SchemaKey = "avro.schema";
    private const string CodecKey = "avro.codec";

    private static ReadOnlySpan<byte> Magic => "Obj\u0001"u8;

    public static byte[] Write(string schemaJson, IReadOnlyDictionary<string, string> metadata, IEnumerable<object?[]> records)
    {
        var schema = AvroSchema.Parse(schemaJson);
        var blocks = records.Chunk(BlockRecordsMax).Select(chunk => (chunk.Length, Data: Compress(EncodeAll(schema, chunk)))).ToList();
        var sync = Sync(schemaJson, metadata, blocks.Select(block => block.Data));
        var output = new ArrayBufferWriter<byte>();
        var encoder = new AvroEncoder(output);
        output.Write(Magic);
        WriteMetadata(encoder, metadata.Prepend(new(CodecKey, "deflate")).Prepend(new(SchemaKey, schemaJson)).ToList());
        output.Write(sync);
        foreach (var (count, data) in blocks)
        {
            encoder.WriteLong(count);
            encoder.WriteBytes(data);
            output.Write(sync);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="IcebergFormatException">Not an Avro file, a torn one, or one with a codec that is neither deflate nor null.</exception>
    public static AvroContents Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Magic))
        {
            throw new IcebergFormatException("The file is not an Avro file: it does not begin with 'Obj' 01.");
        }

        var decoder = new AvroDecoder(file[Magic.Length..]);
        var metadata = (Dictionary<string, object?>)decoder.Read(new AvroSchema.Map(new AvroSchema.Primitive(AvroKind.Bytes, LogicalType: null)))!;
        var texts = metadata.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetString((byte[])pair.Value!), StringComparer.Ordinal);
        var schema = AvroSchema.Parse(texts.GetValueOrDefault(SchemaKey) ?? throw new IcebergFormatException("The Avro file's header has no avro.schema."));
        var sync = decoder.Take(SyncLength);
        var records = new List<object?[]>();
        while (!decoder.IsAtEnd)
        {
            var count = decoder.ReadLong();
            ReadBlock(schema, Decompress(texts.GetValueOrDefault(CodecKey), decoder.ReadBytes()), count, records);
            if (!decoder.Take(SyncLength).SequenceEqual(sync))
            {
                throw new IcebergFormatException("The Avro file is damaged: a block does not end with the file's sync marker.");
            }
        }

        return new AvroContents(schema as AvroSchema.Record ?? throw new IcebergFormatException("The Avro file does not hold records."), texts, records);
    }

    private static void ReadBlock(AvroSchema schema, byte[] data, long count, List<object?[]> records)
    {
        var decoder = new AvroDecoder(data);
        for (var i = 0L; i < count; i++)
        {
            records.Add(decoder.Read(schema) as object?[] ?? throw new IcebergFormatException("The Avro file does not hold records."));
        }

        if (!decoder.IsAtEnd)
        {
            throw new IcebergFormatException("The Avro file is damaged: a block holds more than its records.");
        }
    }

    private static byte[] EncodeAll(AvroSchema schema, object?[][] records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var encoder = new AvroEncoder(buffer);
        foreach (var record in records)
        {
            encoder.Write(schema, record);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(AvroEncoder encoder, List<KeyValuePair<string, string>> metadata)
    {
        encoder.WriteLong(metadata.Count);
        foreach (var (key, value) in metadata)
        {
            encoder.WriteText(key);
            encoder.WriteText(value);
        }

        encoder.WriteLong(0);
    }

    private static byte[] Sync(string schemaJson, IReadOnlyDictionary<string, string> metadata, IEnumerable<byte[]> blocks)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(schemaJson));
        foreach (var (key, value) in metadata)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        }

        foreach (var block in blocks)
        {
            hash.AppendData(block);
        }

        return hash.GetHashAndReset()[..SyncLength];
    }

    private static byte[] Compress(byte[] data)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(data);
        }

        return output.ToArray();
    }

    private static byte[] Decompress(string? codec, ReadOnlySpan<byte> data)
    {
        switch (codec)
        {
            case null or "null":
                return data.ToArray();
            case "deflate":
                try
                {
                    using var deflate = new DeflateStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
                    using var output = new MemoryStream();
                    deflate.CopyTo(output);
                    return output.ToArray();
                }
                catch (InvalidDataException e)
                {
                    throw new IcebergFormatException("The Avro file is damaged: a block cannot be decompressed.", e);
                }

            default:
                throw new IcebergFormatException($"The Avro file is compressed with '{codec}'; this library reads deflate and null.");
        }
    }
}

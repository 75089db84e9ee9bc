using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Philotes.Buffer;

/// <summary>The directory entries of a flush as the jsonb that capture_flush takes.</summary>
internal static class ChunkEntries
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string ToJson(IEnumerable<EventChunk> chunks)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var chunk in chunks)
            {
                Write(json, chunk);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, EventChunk chunk)
    {
        json.WriteStartObject();
        json.WriteNumber("gen", chunk.Generation);
        json.WriteNumber("chunk", chunk.Number);
        json.WriteNumber("table_id", chunk.TableId);
        json.WriteNumber("schema_id", chunk.SchemaId);
        json.WriteString("first_lsn", chunk.FirstLsn.ToString());
        json.WriteString("last_lsn", chunk.LastLsn.ToString());
        json.WriteString("last_ts", Epoch.AddMicroseconds(chunk.LastTimestampMicros).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
        json.WriteNumber("row_count", chunk.RowCount);
        json.WriteNumber("byte_count", chunk.ByteCount);
        json.WriteBoolean("tx_open", chunk.TransactionOpen);
        json.WriteNumber("crc32c", chunk.Crc);
        json.WriteEndObject();
    }
}

using System.Buffers.Binary;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

internal sealed class EventChunkTests
{
    [FsCheck.NUnit.Property]
    public bool Rows_are_copy_binary_rows_whose_tail_the_checksum_covers((long Seq, uint Xid, byte[] Old, byte[] New)[] events)
    {
        using var chunk = new EventChunk(1, 2, generation: 3, number: 4);
        foreach (var (seq, xid, oldRow, newRow) in events)
        {
            chunk.Append(ChangeKind.Update, new Lsn(9), seq, xid, 5, oldRow, oldRow is not null, newRow, newRow is not null);
        }

        var crc = 0u;
        var read = new List<(long, uint, byte[]?, byte[]?)>();
        foreach (var row in Split(chunk.Rows.ToArray()))
        {
            crc = Crc32C.Append(crc, row.AsSpan(EventWire.WrittenPrefixLength));
            var fields = Fields(row);
            read.Add((BinaryPrimitives.ReadInt64BigEndian(fields[7]), (uint)BinaryPrimitives.ReadInt64BigEndian(fields[2]), fields[8], fields[9]));
        }

        return crc == chunk.Crc && chunk.RowCount == events.Length && chunk.ByteCount == chunk.Rows.Length
            && read.Zip(events).All(pair => pair.First.Item1 == pair.Second.Seq && pair.First.Item2 == pair.Second.Xid
                && Same(pair.First.Item3, pair.Second.Old) && Same(pair.First.Item4, pair.Second.New));
    }

    [Test]
    public void A_published_or_copied_chunk_takes_no_more_events()
    {
        using var chunk = new EventChunk(1, 2, 3, 4);
        chunk.Append(ChangeKind.Insert, new Lsn(9), 0, 1, 5, default, false, [1], true);
        chunk.Copied();

        using (Assert.EnterMultipleScope())
        {
            Assert.Throws<ObjectDisposedException>(() => chunk.Append(ChangeKind.Insert, new Lsn(9), 1, 1, 5, default, false, [1], true));
            Assert.That((chunk.RowCount, chunk.ByteCount > 0, chunk.Rows.Length), Is.EqualTo((1, true, 0)), "the entry stays, the bytes are gone");
        }
    }

    [Test]
    public async Task A_stream_in_pieces_of_any_size_gives_the_same_rows([Values(1, 7, 64, 100_000)] int piece)
    {
        using var chunk = new EventChunk(1, 2, 3, 4);
        for (var i = 0; i < 50; i++)
        {
            chunk.Append(ChangeKind.Insert, new Lsn(9), i, 1, 5, default, false, new byte[i * 37], true);
        }

        byte[] bytes = [.. EventWire.Header, .. chunk.Rows.Span, .. EventWire.Trailer];
        using var rows = new CopyRowReader(new PiecewiseStream(bytes, piece), EventWire.WrittenFieldCount);
        var lengths = new List<int>();
        while (!Drain(rows, lengths))
        {
            Assert.That(await rows.FillAsync(CancellationToken.None), Is.True);
        }

        Assert.That(lengths, Is.EqualTo(Split(chunk.Rows.ToArray()).Select(row => row.Length)));
    }

    private static bool Drain(CopyRowReader rows, List<int> lengths)
    {
        bool ended;
        while (rows.TryTake(out var row, out ended))
        {
            lengths.Add(row.Length);
        }

        return ended;
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = 2 + Fields(bytes[at..]).Sum(field => 4 + (field?.Length ?? 0));
            yield return bytes[at..(at + length)];
            at += length;
        }
    }

    private static List<byte[]?> Fields(byte[] row)
    {
        var fields = new List<byte[]?>();
        var at = 2;
        for (var i = 0; i < BinaryPrimitives.ReadInt16BigEndian(row); i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(at));
            fields.Add(length < 0 ? null : row[(at + 4)..(at + 4 + length)]);
            at += 4 + Math.Max(0, length);
        }

        return fields;
    }

    private static bool Same(byte[]? left, byte[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}

using System.Buffers.Binary;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One reading of one chunk: hands its rows on in their order, counts and checksums them, and compares with the directory at the end.</summary>
internal sealed class ChunkPass(ChunkEntry chunk, EventHandler handler)
{
    private uint _crc;
    private bool _sorted;
    private int _handed;

    public enum Outcome
    {
        NeedsBytes,
        Ended,
        Disordered,
    }

    public ChunkEntry Chunk => chunk;

    public int Count { get; private set; }

    /// <summary>
    /// Reads the chunk once more from its start, now sorted: the rows that were handed on are proven again and not handed on again, and a
    /// gap is a missing row, which the proof finds.
    /// </summary>
    public void AgainSorted()
    {
        (_sorted, _handed, Count, _crc) = (true, Count, 0, 0);
    }

    public Outcome Drain(CopyRowReader rows)
    {
        bool ended;
        while (rows.TryTake(out var row, out ended))
        {
            var parsed = Parse(row);
            if (parsed.Ordinal != Count && !_sorted)
            {
                return Outcome.Disordered;
            }

            _crc = Crc32C.Append(_crc, row[EventWire.ReadPrefixLength..]);
            if ((byte)parsed.Op == EventWire.BlockOp)
            {
                HandBlock(parsed);
            }
            else
            {
                Hand(parsed);
            }
        }

        return ended ? Outcome.Ended : Outcome.NeedsBytes;
    }

    /// <summary>Throws PH900 unless the rows are those that were flushed.</summary>
    public void Prove()
    {
        if (Count != chunk.RowCount)
        {
            throw Damaged($"chunk {chunk.Number} of generation {chunk.Generation} holds {Count} events, its entry says {chunk.RowCount}");
        }

        if (chunk.Crc is { } expected && expected != _crc)
        {
            throw Damaged($"the events of chunk {chunk.Number} of generation {chunk.Generation} have crc32c {_crc:x8}, its entry says {expected:x8}");
        }
    }

    public static PhilotesException Damaged(string what) =>
        new("PH900", $"The buffer is not what was flushed into it: {what}. Nothing of this batch is written; keep the buffer and report this.");

    private void Hand(in EventRow row)
    {
        if (Count++ >= _handed)
        {
            handler(row);
        }
    }

    private void HandBlock(in EventRow block)
    {
        var rest = block.NewRow;
        for (var n = 0; !rest.IsEmpty; n++)
        {
            var length = rest.Length < 4 ? -1 : BinaryPrimitives.ReadInt32BigEndian(rest);
            if (length < 0 || length > rest.Length - 4)
            {
                throw Damaged($"block {block.Ordinal} of chunk {chunk.Number} of generation {chunk.Generation} ends inside of a row");
            }

            Hand(block.OfBlock(n, rest.Slice(4, length)));
            rest = rest[(4 + length)..];
        }
    }

    // The fixed columns are NOT NULL and have fixed widths, so their offsets are known.
    private EventRow Parse(ReadOnlySpan<byte> row)
    {
        var body = row[EventWire.ReadPrefixLength..];
        var oldLength = BinaryPrimitives.ReadInt32BigEndian(body[EventWire.FixedLength..]);
        var oldRow = body.Slice(EventWire.FixedLength + 4, Math.Max(0, oldLength));
        var afterOld = body[(EventWire.FixedLength + 4 + oldRow.Length)..];
        return new EventRow
        {
            Xid = BinaryPrimitives.ReadInt64BigEndian(row[6..]),
            CommitTimestampMicros = BinaryPrimitives.ReadInt64BigEndian(row[18..]),
            Ordinal = BinaryPrimitives.ReadInt32BigEndian(body[4..]),
            Op = (ChangeKind)body[12],
            CommitLsn = new Lsn(BinaryPrimitives.ReadUInt64BigEndian(body[17..])),
            TxSeq = BinaryPrimitives.ReadInt64BigEndian(body[29..]),
            HasOld = oldLength >= 0,
            OldRow = oldRow,
            HasNew = BinaryPrimitives.ReadInt32BigEndian(afterOld) >= 0,
            NewRow = afterOld[4..],
            Generation = chunk.Generation,
            Chunk = chunk.Number,
        };
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Events of one table and one schema version on their way into the buffer: rows in wire form (<see cref="EventWire"/>) in a pooled buffer, no object per row, and
/// what their directory entry needs. One owner, not thread-safe. After <see cref="BufferAppender.CopyAsync(EventChunk, CancellationToken)"/>
/// the bytes are gone and only the entry is left; nothing can be appended any more. Dispose returns the buffer in any case.
/// </summary>
public sealed class EventChunk : IDisposable
{
    private const int FirstLength = 16 * 1024;
    private byte[] _bytes;
    private int _length;
    private int _block = -1; // where the open block's row begins
    private long _blockNext;

    internal EventChunk(int tableId, int schemaId, int generation, long number)
    {
        TableId = tableId;
        SchemaId = schemaId;
        Generation = generation;
        Number = number;
        _bytes = ArrayPool<byte>.Shared.Rent(FirstLength);
    }

    public int TableId { get; }

    public int SchemaId { get; }

    public long Number { get; }

    public int Generation { get; }

    public int RowCount { get; private set; }

    /// <summary>Bytes of the rows in wire form; stays after the copy.</summary>
    public long ByteCount { get; private set; }

    /// <summary>The last source transaction goes on in the table's next chunk.</summary>
    public bool TransactionOpen { get; set; }

    public Lsn FirstLsn { get; private set; }

    public Lsn LastLsn { get; private set; }

    /// <summary>Commit time of the last event, microseconds since 2000-01-01 UTC.</summary>
    public long LastTimestampMicros { get; private set; }

    /// <summary>Of the rows that are handed over.</summary>
    public uint Crc { get; private set; }

    /// <summary>The rows were handed to the buffer; what is left is to publish them.</summary>
    public bool IsCopied { get; private set; }

    internal ReadOnlyMemory<byte> Rows
    {
        get
        {
            CloseBlock();
            return _bytes.AsMemory(0, _length);
        }
    }

    /// <summary>Appends a row that existed before: to the open block, if the row follows its last one and has room there; a row that no block has room for by itself.</summary>
    /// <param name="txSeq">Place among the rows of the same position.</param>
    /// <param name="commitTimestampMicrosSince2000">The same for all rows of the chunk.</param>
    /// <param name="row">Raw TupleData.</param>
    public void AppendRead(Lsn commitLsn, long txSeq, long commitTimestampMicrosSince2000, ReadOnlySpan<byte> row)
    {
        ObjectDisposedException.ThrowIf(IsCopied, this);
        if (4 + row.Length > EventWire.BlockLengthMax)
        {
            Append(ChangeKind.Read, commitLsn, txSeq, xid: 0, commitTimestampMicrosSince2000, default, hasOld: false, row, hasNew: true);
            return;
        }

        if (_block < 0 || txSeq != _blockNext || BlockLength + 4 + row.Length > EventWire.BlockLengthMax)
        {
            CloseBlock();
            _block = _length;
            _length += WriteHead(
                Room(EventWire.WrittenPrefixLength + EventWire.FixedLength + 8), EventWire.BlockOp, commitLsn, txSeq, xid: 0, commitTimestampMicrosSince2000);
            BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_length), -1);
            _length += 8;
            ByteCount += _length - _block;
        }

        var room = Room(4 + row.Length);
        BinaryPrimitives.WriteInt32BigEndian(room, row.Length);
        row.CopyTo(room[4..]);
        _length += room.Length;
        _blockNext = txSeq + 1;
        Count(commitLsn, commitTimestampMicrosSince2000, room.Length);
    }

    /// <param name="commitTimestampMicrosSince2000">pgoutput's commit timestamp as it is.</param>
    /// <param name="oldRow">Raw TupleData of the K or O image; only read if <paramref name="hasOld"/>.</param>
    /// <param name="newRow">Raw TupleData of the N image; only read if <paramref name="hasNew"/>.</param>
    public void Append(
        ChangeKind op, Lsn commitLsn, long txSeq, uint xid, long commitTimestampMicrosSince2000,
        ReadOnlySpan<byte> oldRow, bool hasOld, ReadOnlySpan<byte> newRow, bool hasNew)
    {
        ObjectDisposedException.ThrowIf(IsCopied, this);
        CloseBlock();
        var needed = EventWire.WrittenPrefixLength + EventWire.FixedLength + 8 + (hasOld ? oldRow.Length : 0) + (hasNew ? newRow.Length : 0);
        var row = Room(needed);
        var at = WriteHead(row, (byte)op, commitLsn, txSeq, xid, commitTimestampMicrosSince2000);
        Write(row, ref at, oldRow, hasOld);
        Write(row, ref at, newRow, hasNew);
        Crc = Crc32C.Append(Crc, row[EventWire.WrittenPrefixLength..at]);
        _length += at;
        Count(commitLsn, commitTimestampMicrosSince2000, at);
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _length = 0;
        }
    }

    /// <summary>The rows are in the buffer: gives the bytes back.</summary>
    internal void Copied()
    {
        IsCopied = true;
        Dispose();
    }

    private int BlockLength => _length - _block - (EventWire.WrittenPrefixLength + EventWire.FixedLength + 8);

    /// <summary>The open block gets its length and is part of the checksum.</summary>
    private void CloseBlock()
    {
        if (_block >= 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_block + EventWire.WrittenPrefixLength + EventWire.FixedLength + 4), BlockLength);
            Crc = Crc32C.Append(Crc, _bytes.AsSpan((_block + EventWire.WrittenPrefixLength).._length));
            _block = -1;
        }
    }

    /// <summary>All before the images; returns its length.</summary>
    private int WriteHead(Span<byte> row, byte op, Lsn commitLsn, long txSeq, long xid, long commitTimestamp)
    {
        BinaryPrimitives.WriteInt16BigEndian(row, EventWire.WrittenFieldCount);
        var at = 2;
        Write(row, ref at, Generation);
        Write(row, ref at, Number);
        Write(row, ref at, xid);
        Write(row, ref at, commitTimestamp);
        Write(row, ref at, RowCount);
        BinaryPrimitives.WriteInt32BigEndian(row[at..], 1);
        row[at + 4] = op;
        at += 5;
        Write(row, ref at, (long)commitLsn.Value);
        Write(row, ref at, txSeq);
        return at;
    }

    private void Count(Lsn commitLsn, long commitTimestamp, int byteCount)
    {
        if (RowCount == 0)
        {
            FirstLsn = commitLsn;
        }

        LastLsn = commitLsn;
        LastTimestampMicros = commitTimestamp;
        RowCount++;
        ByteCount += byteCount;
    }

    private Span<byte> Room(int needed)
    {
        if (_bytes.Length - _length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)_length + needed)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(_length, needed);
    }

    private static void Write(Span<byte> row, ref int at, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(row[at..], sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(row[(at + 4)..], value);
        at += 8;
    }

    private static void Write(Span<byte> row, ref int at, long value)
    {
        BinaryPrimitives.WriteInt32BigEndian(row[at..], sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(row[(at + 4)..], value);
        at += 12;
    }

    private static void Write(Span<byte> row, ref int at, ReadOnlySpan<byte> value, bool present)
    {
        BinaryPrimitives.WriteInt32BigEndian(row[at..], present ? value.Length : -1);
        at += 4;
        if (present)
        {
            value.CopyTo(row[at..]);
            at += value.Length;
        }
    }
}

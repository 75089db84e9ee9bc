using System.Buffers;
using System.Buffers.Binary;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Fills in what an update did not send because it did not change (a TOASTed value), from an earlier change of the same key in the same batch. The last
/// row of each key is kept, as the source sent it and completed, as far as a bound on memory allows; beyond it everything is forgotten and the column is
/// listed as unchanged, which is as right. Small rows have nothing out of line and are not kept.
///
/// A key is its columns' text, as the source sent it. An update that moves a row to another key takes its values along; a delete ends a key, a truncate all.
/// </summary>
internal sealed class UnchangedValues
{
    /// <summary>A row is stored out of line from 2 kB of its binary form on; of its text, that is never less than this.</summary>
    private const int RowBytesMin = 500;

    private readonly int[] _keys;
    private readonly long _bytesMax;
    private readonly Dictionary<byte[], byte[]> _rows = new(ByteKeys.Instance);
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _completed = new();
    private long _bytes;

    /// <param name="keys">Places of the key's columns in a tuple.</param>
    public UnchangedValues(int[] keys, long bytesMax)
    {
        _keys = keys;
        _bytesMax = bytesMax;
    }

    /// <summary>Null where it is of no use: the whole old row comes with each change, or rows have no key.</summary>
    public static UnchangedValues? For(TableSchema schema, long bytesMax)
    {
        var keys = schema.Columns.Select((column, i) => (column.IsKey, i)).Where(column => column.IsKey).Select(column => column.i).ToArray();
        return schema.ReplicaIdentity is 'f' or 'n' || keys.Length == 0 ? null : new UnchangedValues(keys, bytesMax);
    }

    /// <summary>The event with the values filled in that are known. Call it for each event of the batch, in order; the result is good until the next call.</summary>
    public EventRow Complete(in EventRow row)
    {
        if (row.Op == ChangeKind.Truncate)
        {
            Forget();
            return row;
        }

        // Copied rows are batches of their own, in which nothing is updated.
        if (row.Op == ChangeKind.Read || (_rows.Count == 0 && row.NewRow.Length < RowBytesMin))
            return row;
        var moved = row.HasOld && TryReadKey(row.OldRow);
        var earlier = moved ? Take() : null;
        if (!row.HasNew)
            return row;
        if (!TryReadKey(row.NewRow))
        {
            // The key itself is out of line and was not sent: nobody knows whose row this was.
            Forget();
            return row;
        }

        earlier ??= Take();
        var completed = earlier is null ? row.NewRow : Fill(row.NewRow, earlier);
        Keep(completed);
        return row with { NewRow = completed };
    }

    private byte[]? Take()
    {
        if (!_rows.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(_key.WrittenSpan, out var key, out var row))
            return null;
        _bytes -= key.Length + row.Length;
        return row;
    }

    private void Keep(ReadOnlySpan<byte> row)
    {
        if (row.Length < RowBytesMin)
            return;
        if (_bytes + row.Length + _key.WrittenCount > _bytesMax)
            Forget();
        if (row.Length + _key.WrittenCount > _bytesMax)
            return;
        _rows.GetAlternateLookup<ReadOnlySpan<byte>>()[_key.WrittenSpan] = row.ToArray();
        _bytes += row.Length + _key.WrittenCount;
    }

    private void Forget()
    {
        _rows.Clear();
        _bytes = 0;
    }

    /// <summary>False: a part of the key is not in this image.</summary>
    private bool TryReadKey(ReadOnlySpan<byte> image)
    {
        _key.ResetWrittenCount();
        var values = new TupleReader(image);
        for (int column = 0, next = 0; next < _keys.Length; column++)
        {
            var kind = values.Next(out var text);
            if (column != _keys[next])
                continue;
            if (kind != TupleValueKind.Text)
                return false;
            BinaryPrimitives.WriteInt32BigEndian(_key.GetSpan(4), text.Length);
            _key.Advance(4);
            _key.Write(text);
            next++;
        }

        return true;
    }

    private ReadOnlySpan<byte> Fill(ReadOnlySpan<byte> image, byte[] earlier)
    {
        _completed.ResetWrittenCount();
        _completed.Write(image[..2]);
        var values = new TupleReader(image);
        var known = new TupleReader(earlier);
        for (var column = 0; column < values.ColumnCount; column++)
        {
            var kind = values.Next(out var text);
            var knownKind = known.Next(out var knownText);
            if (kind == TupleValueKind.Unchanged && knownKind == TupleValueKind.Text)
                Write(knownKind, knownText);
            else
                Write(kind, text);
        }

        return _completed.WrittenSpan;
    }

    private void Write(TupleValueKind kind, ReadOnlySpan<byte> text)
    {
        var head = _completed.GetSpan(5);
        head[0] = (byte)kind;
        if (kind != TupleValueKind.Text)
        {
            _completed.Advance(1);
            return;
        }

        BinaryPrimitives.WriteInt32BigEndian(head[1..], text.Length);
        _completed.Advance(5);
        _completed.Write(text);
    }
}

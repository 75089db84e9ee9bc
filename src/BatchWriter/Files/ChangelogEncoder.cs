using System.Text;
using System.Text.Unicode;
using Philotes.BatchWriter.Columns;
using Philotes.Buffer;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Turns one event into one row of a changelog: the source's columns from the new image (a delete's from its old one), then ours.
///
/// NULL, absent and unchanged are three things. A value that the source did not send because it did not change comes from the old image when that
/// has it; otherwise its column is NULL and its name stands in <c>_cdc_unchanged</c>. A value that the column cannot hold is replaced by NULL and
/// noted with its text, or rejects the whole row, as the table's settings say; it never changes silently.
/// </summary>
internal sealed class ChangelogEncoder(ChangelogBinding binding, ReplacedValues replaced)
{
    private const long MicrosecondsFrom1970To2000 = 946_684_800_000_000;

    private readonly List<string> _unchanged = [];
    private readonly List<ValueException> _replaced = [];

    /// <summary>The column that rejected the row of the last call that returned false.</summary>
    public string RejectedBy { get; private set; } = "";

    /// <summary>False: the row is rejected, and <paramref name="at"/> can be filled again.</summary>
    public bool TryEncode(in EventRow row, DataChunk chunk, int at)
    {
        _unchanged.Clear();
        _replaced.Clear();
        if (TryEncodeSource(row, chunk, at) && TryEncodeBefore(row, chunk, at))
        {
            foreach (var idle in binding.Idle)
                chunk[idle].SetNull(at);
            EncodeOurs(row, chunk, at);
            foreach (var value in _replaced)
                replaced.Add(value);
            return true;
        }

        foreach (var vector in chunk.Vectors)
            vector.ClearNull(at);
        return false;
    }

    private bool TryEncodeSource(in EventRow row, DataChunk chunk, int at)
    {
        var deleted = row.Op == ChangeKind.Delete;
        var image = deleted ? row.OldRow : row.NewRow;
        if (deleted ? !row.HasOld : !row.HasNew)
        {
            foreach (var column in binding.Columns)
                chunk[column.Vector].SetNull(at);
            return true;
        }

        var values = Read(image);
        var hasOld = row.HasNew && row.HasOld;
        var olds = hasOld ? Read(row.OldRow) : default;
        foreach (var column in binding.Columns)
        {
            var kind = values.Next(out var text);
            if (hasOld && olds.Next(out var old) == TupleValueKind.Text && kind == TupleValueKind.Unchanged)
            {
                kind = TupleValueKind.Text;
                text = old;
            }

            if (!TryWrite(row, column.Name, column.Writer, column.OnOutside, chunk[column.Vector], at, kind, text))
                return false;
            if (kind == TupleValueKind.Unchanged)
                _unchanged.Add(column.Name);
        }

        return true;
    }

    private bool TryEncodeBefore(in EventRow row, DataChunk chunk, int at)
    {
        if (binding.Before < 0)
            return true;
        var before = chunk[binding.Before];
        if (row.Op != ChangeKind.Update || !row.HasOld)
        {
            before.SetNull(at);
            return true;
        }

        foreach (var field in before.Fields)
            field.SetNull(at);
        var values = Read(row.OldRow);
        var filled = false;
        foreach (var column in binding.Columns)
        {
            var kind = values.Next(out var text);
            if (column.BeforeField < 0)
                continue;
            filled = true;
            var field = before.Fields[column.BeforeField];
            field.ClearNull(at);
            if (!TryWrite(row, column.BeforeName, column.BeforeWriter!, column.OnOutside, field, at, kind, text))
                return false;
        }

        if (!filled)
            before.SetNull(at);
        return true;
    }

    private bool TryWrite(
        in EventRow row, string name, ColumnWriter writer, OnOutside onOutside, Vector vector, int at, TupleValueKind kind, ReadOnlySpan<byte> text)
    {
        if (kind == TupleValueKind.Text)
        {
            if (writer.TryWrite(vector, at, text))
                return true;
            if (onOutside == OnOutside.Reject)
            {
                RejectedBy = name;
                return false;
            }

            _replaced.Add(new ValueException(row.Generation, row.Chunk, row.Ordinal, row.CommitLsn, row.TxSeq, name, Original(text), "PH401"));
        }

        vector.SetNull(at);
        return true;
    }

    private void EncodeOurs(in EventRow row, DataChunk chunk, int at)
    {
        chunk[binding.Operation].SetText(at, Name(row.Op));
        chunk[binding.Lsn].Values<long>()[at] = (long)row.CommitLsn.Value;
        chunk[binding.Sequence].Values<long>()[at] = row.TxSeq;
        chunk[binding.Timestamp].Values<long>()[at] = row.CommitTimestampMicros + MicrosecondsFrom1970To2000;
        if (row.Op == ChangeKind.Read)
            chunk[binding.Xid].SetNull(at);
        else
            chunk[binding.Xid].Values<long>()[at] = row.Xid;
        var unchanged = chunk[binding.Unchanged];
        if (_unchanged.Count == 0)
        {
            unchanged.SetNull(at);
            return;
        }

        var first = unchanged.AddList(at, _unchanged.Count);
        for (var i = 0; i < _unchanged.Count; i++)
            unchanged.Child.SetText(first + i, Encoding.UTF8.GetBytes(_unchanged[i]));
    }

    private TupleReader Read(ReadOnlySpan<byte> image)
    {
        var reader = new TupleReader(image);
        return reader.ColumnCount == binding.Columns.Length ? reader : throw new PhilotesException("PH900",
            $"A tuple has {reader.ColumnCount} columns where its schema has {binding.Columns.Length}. Keep the buffer and report this.");
    }

    private static ReadOnlySpan<byte> Name(ChangeKind kind) => kind switch
    {
        ChangeKind.Read => "read"u8,
        ChangeKind.Insert => "insert"u8,
        ChangeKind.Update => "update"u8,
        ChangeKind.Delete => "delete"u8,
        ChangeKind.Truncate => "truncate"u8,
        _ => throw new PhilotesException("PH900", $"An event of kind {(byte)kind} is in the buffer, which nothing writes. Keep the buffer and report this."),
    };

    private static string Original(ReadOnlySpan<byte> text) =>
        Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : @"\x" + Convert.ToHexStringLower(text);
}

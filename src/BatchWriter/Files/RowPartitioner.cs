using System.Buffers.Text;
using System.Text;
using Philotes.BatchWriter.Columns.Text;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Finds a row's partition from the event, before it is encoded. A value that does not fit its column is NULL here as it is there. Not for hot
/// tables' every column: only the spec's sources are parsed a second time.
/// </summary>
internal sealed class RowPartitioner(PartitionSpec spec, IcebergSchema schema, FieldRoles roles, ChangelogBinding binding)
{
    private const long MicrosecondsFrom1970To2000 = 946_684_800_000_000;

    private readonly Dictionary<int, object?> _values = [];
    private readonly HashSet<int> _sources = spec.Fields.Select(field => field.SourceId).ToHashSet();

    public PartitionValues Of(in EventRow row)
    {
        _values.Clear();
        ReadOurs(row);
        ReadSource(row);
        return spec.Partition(schema, id => _values.GetValueOrDefault(id));
    }

    private void ReadOurs(in EventRow row)
    {
        Put(OurColumns.Timestamp, row.CommitTimestampMicros + MicrosecondsFrom1970To2000);
        Put(OurColumns.Lsn, (long)row.CommitLsn.Value);
        Put(OurColumns.Sequence, row.TxSeq);
        Put(OurColumns.Xid, row.Xid);
        Put(OurColumns.Operation, row.Op.ToString().ToLowerInvariant());
    }

    private void Put(string column, object value)
    {
        if (roles.Ours.TryGetValue(column, out var id))
            _values[id] = value;
    }

    private void ReadSource(in EventRow row)
    {
        var image = row.Op == ChangeKind.Delete ? row.OldRow : row.NewRow;
        if (image.IsEmpty)
            return;
        var values = new TupleReader(image);
        var hasOld = row.HasNew && row.HasOld;
        var olds = hasOld ? new TupleReader(row.OldRow) : default;
        foreach (var column in binding.Columns)
        {
            var kind = values.Next(out var text);
            if (hasOld && olds.Next(out var old) == TupleValueKind.Text && kind == TupleValueKind.Unchanged)
            {
                kind = TupleValueKind.Text;
                text = old;
            }

            var field = schema.Fields[column.Vector];
            if (kind == TupleValueKind.Text && _sources.Contains(field.Id))
                _values[field.Id] = Parse(field.Type, text);
        }
    }

    private static object? Parse(IcebergType type, ReadOnlySpan<byte> text) => type switch
    {
        BooleanType => BooleanText.TryParse(text, out var value) ? value : null,
        IntType => IntegerText.TryParseInt(text, out var value) ? value : null,
        LongType => IntegerText.TryParseLong(text, out var value) ? value : null,
        FloatType => FloatText.TryParseFloat(text, out var value) ? value : null,
        DoubleType => FloatText.TryParseDouble(text, out var value) ? value : null,
        DecimalType d => DecimalText.TryParse(text, d.Precision, d.Scale, out Int128 value) ? value : null,
        DateType => DateText.TryParse(text, out var value) ? value : null,
        TimeType => TimeText.TryParse(text, out var value) ? value : null,
        TimestampType => TimestampText.TryParse(text, out var value) ? value : null,
        TimestampTzType => TimestampText.TryParseWithZone(text, out var value) ? value : null,
        StringType => System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null,
        UuidType => Utf8Parser.TryParse(text, out Guid value, out var used, 'D') && used == text.Length ? value : null,
        BinaryType when ByteaText.Measure(text) is >= 0 and var length => Decode(text, length),
        _ => throw new PhilotesException("PH201", $"A table cannot be partitioned by a column of type {type}. Choose another column."),
    };

    private static byte[]? Decode(ReadOnlySpan<byte> text, int length)
    {
        var bytes = new byte[length];
        return ByteaText.TryDecode(text, bytes) ? bytes : null;
    }
}

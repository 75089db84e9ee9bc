using System.Buffers.Binary;
using System.Text;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>A row image with some values replaced, in pgoutput's bytes. Pure.</summary>
public static class TupleRewrite
{
    /// <param name="values">By column; null is NULL. Texts are spelled as the source would spell them.</param>
    /// <exception cref="PhilotesException">PH016: a column that the event's schema does not have.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> tuple, TableSchema schema, IReadOnlyDictionary<string, string?> values)
    {
        if (values.Keys.Except(schema.Columns.Select(column => column.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new PhilotesException("PH016", $"{schema.Name} has no column '{unknown}' in the event's schema; it has {string.Join(", ", schema.Columns.Select(column => column.Name))}.");
        using var written = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(number, checked((short)schema.Columns.Count));
        written.Write(number[..2]);
        var reader = new TupleReader(tuple);
        foreach (var column in schema.Columns)
        {
            var kind = reader.Next(out var text);
            if (values.TryGetValue(column.Name, out var value))
            {
                kind = value is null ? TupleValueKind.Null : TupleValueKind.Text;
                text = value is null ? default : Encoding.UTF8.GetBytes(value);
            }

            written.WriteByte((byte)kind);
            if (kind != TupleValueKind.Text)
                continue;
            BinaryPrimitives.WriteInt32BigEndian(number, text.Length);
            written.Write(number);
            written.Write(text);
        }

        return written.ToArray();
    }
}

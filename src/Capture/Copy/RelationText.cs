using System.Buffers.Binary;
using System.Text;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>The RELATION message that the stream would send of a table, as <see cref="PgOutputDecoder"/> describes it.</summary>
internal static class RelationText
{
    public static RelationMessage Of(uint oid, TableName name, char identity, IReadOnlyList<RelationColumn> columns)
    {
        using var message = new MemoryStream();
        message.WriteByte((byte)MessageType.Relation);
        Number(message, (int)oid);
        Text(message, name.Schema);
        Text(message, name.Table);
        message.WriteByte((byte)identity);
        message.Write([(byte)(columns.Count >> 8), (byte)columns.Count]);
        foreach (var column in columns)
        {
            message.WriteByte(column.IsKey ? (byte)1 : (byte)0);
            Text(message, column.Name);
            Number(message, (int)column.TypeOid);
            Number(message, column.TypeModifier);
        }

        return new RelationMessage(oid, name, identity, columns, message.ToArray());
    }

    private static void Number(MemoryStream message, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        message.Write(bytes);
    }

    private static void Text(MemoryStream message, string text)
    {
        message.Write(Encoding.UTF8.GetBytes(text));
        message.WriteByte(0);
    }
}

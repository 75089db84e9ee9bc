using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <summary>
/// pgoutput, protocol version 1 (Postgres manual, Logical Replication Message Formats). One message per replication packet:
/// <code>
/// B  int64 commit lsn, int64 commit time, int32 xid
/// O  int64 origin lsn, name
/// R  int32 oid, schema, table, int8 replica identity, int16 columns, per column: int8 flags (1 = key), name, int32 type, int32 modifier
/// Y  int32 type, schema, name
/// I  int32 oid, 'N' tuple
/// U  int32 oid, ['K' tuple | 'O' tuple], 'N' tuple
/// D  int32 oid, 'K' tuple | 'O' tuple
/// T  int32 tables, int8 options, per table: int32 oid
/// M  int8 flags, int64 lsn, prefix, int32 length, bytes
/// C  int8 flags, int64 commit lsn, int64 end lsn, int64 commit time
/// </code>
/// With streaming off a transaction arrives whole, after its commit, in commit order: what was rolled back, savepoints included, never
/// arrives. Tuples are not decoded here: they are cut out as they are, every length checked, and the buffer keeps their bytes.
/// </summary>
internal static class PgOutputDecoder
{
    public static MessageType TypeOf(ReadOnlySpan<byte> message) =>
        message.IsEmpty ? throw MessageReader.Torn("is empty") : (MessageType)message[0];

    public static BeginMessage Begin(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Begin);
        var begin = new BeginMessage(reader.Lsn(), reader.Int64(), reader.UInt32());
        reader.End();
        return begin;
    }

    public static CommitMessage Commit(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Commit);
        reader.Byte();
        var commit = new CommitMessage(reader.Lsn(), reader.Lsn(), reader.Int64());
        reader.End();
        return commit;
    }

    public static RelationMessage Relation(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Relation);
        var oid = reader.UInt32();
        var schema = reader.Text();
        var name = new TableName(schema.Length == 0 ? "pg_catalog" : schema, reader.Text());
        var identity = (char)reader.Byte();
        var columns = new RelationColumn[reader.UInt16()];
        for (var i = 0; i < columns.Length; i++)
        {
            var flags = reader.Byte();
            columns[i] = new RelationColumn(reader.Text(), (flags & 1) != 0, reader.UInt32(), reader.Int32());
        }

        reader.End();
        return new RelationMessage(oid, name, identity, columns, message.ToArray());
    }

    public static RowMessage Row(ReadOnlySpan<byte> message) => TypeOf(message) switch
    {
        MessageType.Insert => Insert(message),
        MessageType.Update => Update(message),
        MessageType.Delete => Delete(message),
        var type => throw MessageReader.Torn($"of type 0x{(byte)type:x2} is not a row"),
    };

    public static TruncateMessage Truncate(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Truncate);
        var count = reader.Int32();
        reader.Byte();
        if (count < 0 || count > reader.Remaining / sizeof(uint))
        {
            throw MessageReader.Torn($"truncates {count} tables and has no room to name them");
        }

        var oids = new uint[count];
        for (var i = 0; i < oids.Length; i++)
        {
            oids[i] = reader.UInt32();
        }

        reader.End();
        return new TruncateMessage(oids);
    }

    private static RowMessage Insert(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Insert);
        var oid = reader.UInt32();
        Expect(reader.Byte(), 'N');
        var row = new RowMessage(oid, ChangeKind.Insert) { HasNew = true, New = reader.Tuple() };
        reader.End();
        return row;
    }

    private static RowMessage Update(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Update);
        var oid = reader.UInt32();
        var mark = reader.Byte();
        var hasOld = mark is (byte)'K' or (byte)'O';
        ReadOnlySpan<byte> old = default;
        if (hasOld)
        {
            old = reader.Tuple();
            mark = reader.Byte();
        }

        Expect(mark, 'N');
        var row = new RowMessage(oid, ChangeKind.Update) { HasOld = hasOld, Old = old, HasNew = true, New = reader.Tuple() };
        reader.End();
        return row;
    }

    private static RowMessage Delete(ReadOnlySpan<byte> message)
    {
        var reader = Open(message, MessageType.Delete);
        var oid = reader.UInt32();
        var mark = reader.Byte();
        if (mark is not ((byte)'K' or (byte)'O'))
        {
            throw MessageReader.Torn($"deletes a row and marks it 0x{mark:x2}");
        }

        var row = new RowMessage(oid, ChangeKind.Delete) { HasOld = true, Old = reader.Tuple() };
        reader.End();
        return row;
    }

    private static MessageReader Open(ReadOnlySpan<byte> message, MessageType expected)
    {
        var reader = new MessageReader(message);
        Expect(reader.Byte(), (char)expected);
        return reader;
    }

    private static void Expect(byte found, char expected)
    {
        if (found != expected)
        {
            throw MessageReader.Torn($"has 0x{found:x2} where '{expected}' belongs");
        }
    }
}

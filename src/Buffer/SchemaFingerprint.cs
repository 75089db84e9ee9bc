using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Which schema versions are the same: SHA-256 over OID, names, replica identity, columns with their numbers and what was dropped, every text behind its length, so that
/// no two different schemas have the same bytes. Stored: a change of it makes one more version of every table.
/// </summary>
internal static class SchemaFingerprint
{
    public static byte[] Of(TableSchema schema)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Number(hash, (int)schema.RelationOid);
        Text(hash, schema.Name.Schema);
        Text(hash, schema.Name.Table);
        Number(hash, schema.ReplicaIdentity);
        Number(hash, schema.Columns.Count);
        foreach (var column in schema.Columns)
        {
            Text(hash, column.Name);
            Text(hash, column.Type);
            Number(hash, column.IsKey ? 1 : 0);
            Number(hash, column.Number);
        }

        foreach (var number in schema.Dropped)
        {
            Number(hash, number);
        }

        return hash.GetHashAndReset();
    }

    private static void Number(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        hash.AppendData(bytes);
    }

    private static void Text(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(hash, bytes.Length);
        hash.AppendData(bytes);
    }
}

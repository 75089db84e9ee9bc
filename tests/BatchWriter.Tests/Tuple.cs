using System.Buffers.Binary;
using System.Text;

namespace Philotes.BatchWriter.Tests;

/// <summary>Makes pgoutput tuples: a text is a value, null is NULL, <see cref="Unchanged"/> is a TOASTed value that was not sent.</summary>
internal static class Tuple
{
    public const string Unchanged = "\0unchanged";

    public static byte[] Of(params string?[] values)
    {
        var bytes = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(number, (short)values.Length);
        bytes.Write(number[..2]);
        foreach (var value in values)
        {
            bytes.WriteByte((byte)(value is null ? 'n' : value == Unchanged ? 'u' : 't'));
            if (value is null or Unchanged)
                continue;
            var text = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt32BigEndian(number, text.Length);
            bytes.Write(number);
            bytes.Write(text);
        }

        return bytes.ToArray();
    }
}

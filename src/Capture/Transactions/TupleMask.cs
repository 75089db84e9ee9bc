using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// Rewrites a table's tuples before they are buffered: columns that must not leave the source in clear are hashed, emptied or left out. Nothing of them
/// is in any buffer, file or log afterwards. One per table and schema version; the results are good until the next call for the same image.
/// </summary>
internal sealed class TupleMask(MaskAction[] actions, byte[][] salts)
{
    private readonly ArrayBufferWriter<byte> _old = new();
    private readonly ArrayBufferWriter<byte> _new = new();

    public ReadOnlySpan<byte> Old(ReadOnlySpan<byte> tuple) => Rewrite(tuple, _old);

    public ReadOnlySpan<byte> New(ReadOnlySpan<byte> tuple) => Rewrite(tuple, _new);

    private ReadOnlySpan<byte> Rewrite(ReadOnlySpan<byte> tuple, ArrayBufferWriter<byte> target)
    {
        if (tuple.IsEmpty)
            return tuple;
        target.ResetWrittenCount();
        var reader = new TupleReader(tuple);
        if (reader.ColumnCount != actions.Length)
            throw new PhilotesException("PH900", $"A row came with {reader.ColumnCount} columns where its description has {actions.Length}. Nothing of it was acknowledged; report this.");
        BinaryPrimitives.WriteUInt16BigEndian(target.GetSpan(2), (ushort)actions.Count(static action => action != MaskAction.Drop));
        target.Advance(2);
        for (var i = 0; i < actions.Length; i++)
        {
            var kind = reader.Next(out var text);
            if (actions[i] != MaskAction.Drop)
                Write(target, kind, text, actions[i], salts[i]);
        }

        return target.WrittenSpan;
    }

    private static void Write(ArrayBufferWriter<byte> target, TupleValueKind kind, scoped ReadOnlySpan<byte> text, MaskAction action, byte[] salt)
    {
        if (action == MaskAction.Null || kind != TupleValueKind.Text)
        {
            target.GetSpan(1)[0] = (byte)(action == MaskAction.Null ? TupleValueKind.Null : kind);
            target.Advance(1);
            return;
        }

        Span<byte> digits = stackalloc byte[SHA256.HashSizeInBytes * 2];
        if (action == MaskAction.Hash)
        {
            Hash(salt, text, digits);
            text = digits;
        }

        var value = target.GetSpan(5 + text.Length);
        value[0] = (byte)TupleValueKind.Text;
        BinaryPrimitives.WriteInt32BigEndian(value[1..], text.Length);
        text.CopyTo(value[5..]);
        target.Advance(5 + text.Length);
    }

    private static void Hash(byte[] salt, ReadOnlySpan<byte> text, Span<byte> digits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(text);
        Span<byte> value = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(value);
        Convert.TryToHexStringLower(value, digits, out _);
    }
}

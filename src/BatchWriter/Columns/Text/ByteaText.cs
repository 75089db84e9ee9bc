using System.Buffers;

namespace Philotes.BatchWriter.Columns.Text;

/// <summary>byteaout under <c>bytea_output=hex</c>: <c>\x</c> and two lower-case digits per byte.</summary>
internal static class ByteaText
{
    /// <summary>Byte count of a well-formed text, or −1.</summary>
    public static int Measure(ReadOnlySpan<byte> text) =>
        text is [(byte)'\\', (byte)'x', ..] && text.Length % 2 == 0 ? (text.Length - 2) / 2 : -1;

    /// <summary>Decodes into <paramref name="target"/>, which has the measured length.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> target) =>
        Convert.FromHexString(text[2..], target, out _, out _) == OperationStatus.Done;
}

using System.Globalization;

namespace Philotes.Hosting;

/// <summary>A number of bytes, written with a unit: <c>512B</c>, <c>8MiB</c>, <c>300GiB</c>. Powers of 1024 only (KiB to PiB).</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static ByteSize FromMebibytes(long count) => new(count << 20);

    public static ByteSize FromGibibytes(long count) => new(count << 30);

    public static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var power = Array.IndexOf(Units, text[digits..].TrimStart(' '));
        if (power < 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        if (count > long.MaxValue >> (10 * power))
            return false;
        size = new ByteSize(count << (10 * power));
        return true;
    }

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;

    /// <summary>The largest unit that needs no fraction, so that it parses back to the same value.</summary>
    public override string ToString()
    {
        var power = 0;
        var count = Bytes;
        while (count != 0 && count % 1024 == 0 && power < Units.Length - 1)
        {
            count /= 1024;
            power++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{count}{Units[power]}");
    }
}

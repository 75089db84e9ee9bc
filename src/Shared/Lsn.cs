using System.Globalization;

namespace Philotes.Shared;

/// <summary>A byte position in the source's write-ahead log. Unsigned, ordered; printed as Postgres prints it, <c>16/B374D848</c>.</summary>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    public static Lsn Zero => default;

    /// <summary>Parses Postgres's text, two hexadecimal halves of up to eight digits. Throws <see cref="FormatException"/> for anything else.</summary>
    public static Lsn Parse(string text) =>
        TryParse(text, out var lsn) ? lsn : throw new FormatException($"'{text}' is not a log sequence number; it looks like 16/B374D848.");

    public static bool TryParse(string? text, out Lsn lsn)
    {
        lsn = default;
        var parts = text?.Split('/');
        if (parts is not [{ Length: > 0 and <= 8 } high, { Length: > 0 and <= 8 } low]
            || !uint.TryParse(high, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var upper)
            || !uint.TryParse(low, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var lower))
        {
            return false;
        }

        lsn = new Lsn(((ulong)upper << 32) | lower);
        return true;
    }

    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 32:X}/{(uint)Value:X}");
}

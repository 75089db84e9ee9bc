using System.Text;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Types;

internal sealed class BoundTruncationTests
{
    private static readonly string Largest = "\U0010FFFF";

    [Test]
    public void A_long_string_is_cut_to_sixteen_code_points_and_its_upper_bound_incremented()
    {
        var text = "abcdefghijklmnopqrst"u8;
        Assert.That(Encoding.UTF8.GetString(BoundTruncation.LowerString(text)), Is.EqualTo("abcdefghijklmnop"));
        Assert.That(Upper("abcdefghijklmnopqrst"), Is.EqualTo("abcdefghijklmnoq"));
    }

    [Test]
    public void A_string_of_the_largest_code_points_has_no_upper_bound() => Assert.That(Upper(string.Concat(Enumerable.Repeat(Largest, 17))), Is.Null);

    [Test]
    public void A_largest_code_point_is_dropped_and_the_one_before_it_incremented() =>
        Assert.That(Upper(new string('a', 15) + Largest + "b"), Is.EqualTo(new string('a', 14) + "b"));

    [Test]
    public void Incrementing_skips_the_surrogates() => Assert.That(Upper(new string('a', 15) + "\uD7FF" + "b"), Is.EqualTo(new string('a', 15) + "\uE000"));

    [Test]
    public void A_short_string_is_its_own_bound() => Assert.That(Upper("short"), Is.EqualTo("short"));

    [Test]
    public void Binary_is_cut_to_sixteen_bytes_and_drops_full_ones()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)1, 15), 0xFF, 7];
        Assert.That(BoundTruncation.UpperBinary(bytes), Is.EqualTo(Enumerable.Repeat((byte)1, 14).Append((byte)2)));
        Assert.That(BoundTruncation.UpperBinary(Enumerable.Repeat((byte)0xFF, 17).ToArray()), Is.Null);
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public bool Bounds_are_bounds(string? text, byte length)
    {
        var utf8 = Encoding.UTF8.GetBytes(text ?? "");
        var limit = (length % 20) + 1;
        var upper = BoundTruncation.UpperString(utf8, limit);
        return BoundTruncation.LowerString(utf8, limit).SequenceCompareTo(utf8) <= 0 && (upper is null || upper.AsSpan().SequenceCompareTo(utf8) >= 0);
    }

    private static string? Upper(string text) => BoundTruncation.UpperString(Encoding.UTF8.GetBytes(text)) is { } upper ? Encoding.UTF8.GetString(upper) : null;
}

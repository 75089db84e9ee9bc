namespace Philotes.Hosting.Tests.Configuration;

public sealed class UnitTests
{
    [FsCheck.NUnit.Property]
    public bool A_size_reads_back(long bytes)
    {
        var size = new ByteSize(bytes & long.MaxValue);
        return ByteSize.TryParse(size.ToString(), out var read) && read == size;
    }

    [FsCheck.NUnit.Property]
    public bool A_duration_reads_back(uint milliseconds)
    {
        var duration = TimeSpan.FromMilliseconds(milliseconds);
        return DurationText.TryParse(DurationText.Format(duration), out var read) && read == duration;
    }

    [TestCase("")]
    [TestCase("15")]
    [TestCase("s")]
    [TestCase("1.5s")]
    [TestCase("-1s")]
    [TestCase("15 sec")]
    [TestCase("9999999999999d")]
    public void A_duration_without_number_or_unit_is_none(string text) => Assert.That(DurationText.TryParse(text, out _), Is.False);

    [TestCase("8MB")]
    [TestCase("8")]
    [TestCase("8mib")]
    [TestCase("99999999999PiB")]
    public void A_size_without_a_binary_unit_is_none(string text) => Assert.That(ByteSize.TryParse(text, out _), Is.False);

    [TestCase("public.*", "public", "orders", true)]
    [TestCase("public.*", "Public", "orders", false)]
    [TestCase("*.*", "a", "b.c", true)]
    [TestCase("public.tmp_?", "public", "tmp_1", true)]
    [TestCase("public.tmp_?", "public", "tmp_12", false)]
    [TestCase("\"my.schema\".\"a*\"", "my.schema", "a*", true)]
    [TestCase("\"my.schema\".\"a*\"", "my.schema", "ab", false)]
    [TestCase("public.\"say \"\"hi\"\"\"", "public", "say \"hi\"", true)]
    [TestCase("public.*", "public", "two\nlines", true)]
    public void A_pattern_matches_as_it_is_written(string pattern, string schema, string table, bool matches)
    {
        Assert.That(TablePattern.TryParse(pattern, out var parsed), Is.True);
        Assert.That(parsed!.Matches(schema, table), Is.EqualTo(matches));
    }

    [TestCase("127.0.0.1:8181", true)]
    [TestCase("[::1]:80", true)]
    [TestCase("localhost:0", true)]
    [TestCase("0.0.0.0:80", false)]
    public void A_listening_address_knows_whether_others_can_reach_it(string text, bool loopback)
    {
        Assert.That(ListenAddress.TryParse(text, out var address), Is.True);
        Assert.That(address.IsLoopback, Is.EqualTo(loopback));
        Assert.That(address.EndPoint.Port, Is.EqualTo(address.Port));
    }
}

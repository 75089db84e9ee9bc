using Philotes.Iceberg.Avro;

namespace Philotes.Iceberg.Tests.Avro;

internal sealed class AvroFileTests
{
    private const string Schema = """
        {"type":"record","name":"r","fields":[
        {"name":"l","type":"long","field-id":1},
        {"name":"s","type":["null","string"],"default":null,"field-id":2},
        {"name":"a","type":{"type":"array","items":"int"},"field-id":3},
        {"name":"b","type":"bytes","field-id":4},
        {"name":"d","type":"double","field-id":5},
        {"name":"n","type":{"type":"record","name":"inner","fields":[{"name":"f","type":"float","field-id":7},{"name":"t","type":"boolean","field-id":8}]},"field-id":6}]}
        """;

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public bool Records_round_trip(long number, string? text, int[] items, byte[] bytes, double real, float single, bool flag)
    {
        object?[] record = [number, text, items.Select(i => (object?)i).ToList(), bytes, real, new object?[] { single, flag }];
        var contents = AvroFile.Read(AvroFile.Write(Schema, new Dictionary<string, string> { ["k"] = "v" }, [record, record]));
        return contents.Records.Count == 2 && contents.Header("k") == "v" && contents.Records.All(read => Same(record, read));
    }

    [FsCheck.NUnit.Property]
    public bool Longs_round_trip(long value)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new AvroEncoder(output).WriteLong(value);
        return new AvroDecoder(output.WrittenSpan).ReadLong() == value;
    }

    [TestCase(0L, "00")]
    [TestCase(-1L, "01")]
    [TestCase(1L, "02")]
    [TestCase(-64L, "7F")]
    [TestCase(64L, "8001")]
    [TestCase(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [TestCase(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Longs_are_zigzag_varints(long value, string hex)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new AvroEncoder(output).WriteLong(value);
        Assert.That(Convert.ToHexString(output.WrittenSpan), Is.EqualTo(hex));
        Assert.That(new AvroDecoder(output.WrittenSpan).ReadLong(), Is.EqualTo(value));
    }

    [Test]
    public void Many_records_span_blocks_and_an_empty_file_is_a_file()
    {
        var many = Enumerable.Range(0, 10_001).Select(i => Record(i)).ToList();
        Assert.That(AvroFile.Read(AvroFile.Write(Schema, new Dictionary<string, string>(), many)).Records.Select(record => record[0]), Is.EqualTo(many.Select(record => record[0])));
        Assert.That(AvroFile.Read(AvroFile.Write(Schema, new Dictionary<string, string>(), [])).Records, Is.Empty);
    }

    [Test]
    public void Every_torn_or_flipped_file_is_a_format_error_or_still_whole()
    {
        var file = AvroFile.Write(Schema, new Dictionary<string, string>(), [Record(1), Record(2)]);
        var emptyFileLength = file.Length;
        for (var length = 0; length < emptyFileLength; length++)
        {
            AssertReadsOrRefuses(file[..length]);
        }

        for (var i = 0; i < file.Length; i++)
        {
            var flipped = file.ToArray();
            flipped[i] ^= 0x55;
            AssertReadsOrRefuses(flipped);
        }
    }

    [Test]
    public void A_codec_that_is_not_read_is_named()
    {
        var file = System.Text.Encoding.Latin1.GetString(AvroFile.Write(Schema, new Dictionary<string, string>(), [Record(1)]));
        var renamed = System.Text.Encoding.Latin1.GetBytes(file.Replace("deflate", "xeflate", StringComparison.Ordinal));
        Assert.That(() => AvroFile.Read(renamed), Throws.TypeOf<IcebergFormatException>().With.Message.Contains("'xeflate'"));
    }

    [TestCase("order by", "order_x20by")]
    [TestCase("1st", "_1st")]
    [TestCase("a-b", "a_x2Db")]
    [TestCase("\u00E9", "_xE9")]
    [TestCase("plain_1", "plain_1")]
    public void Names_are_sanitised_as_the_reference_implementation_does(string name, string sanitised) => Assert.That(AvroName.Sanitize(name), Is.EqualTo(sanitised));

    private static object?[] Record(int number) => [(long)number, null, new List<object?>(), Array.Empty<byte>(), 1.5, new object?[] { 2.5f, true }];

    private static void AssertReadsOrRefuses(byte[] file)
    {
        try
        {
            AvroFile.Read(file);
        }
        catch (IcebergFormatException)
        {
            // The one way to refuse.
        }
    }

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        (List<object?> a, List<object?> b) => a.SequenceEqual(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => Equals(left, right),
    };
}

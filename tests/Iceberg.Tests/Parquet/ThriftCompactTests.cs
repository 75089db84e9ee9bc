using Philotes.Iceberg.Parquet;

namespace Philotes.Iceberg.Tests.Parquet;

public sealed class ThriftCompactTests
{
    // Bytes by hand, after the compact protocol's specification: field deltas, a full id, zigzag, both booleans, long and short lists.
    [TestCase("00")]
    [TestCase("1500" + "00")]
    [TestCase("15FFFFFFFF0F" + "16FFFFFFFFFFFFFFFFFF01" + "00")]
    [TestCase("11" + "12" + "2303" + "00")]
    [TestCase("05" + "C0BB01" + "02" + "00")]
    [TestCase("1703000000000000F0" + "00")]
    [TestCase("1803616263" + "1800" + "00")]
    [TestCase("1921" + "0102" + "00")]
    [TestCase("19F510" + "02020202020202020202020202020202" + "00")]
    [TestCase("1C" + "1502" + "00" + "193C" + "00" + "150400" + "00" + "00")]
    public void What_was_read_is_written_back_byte_for_byte(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        // A full id where a delta would do is read, and written as the shorter form; none of these cases has one.
        Assert.That(Convert.ToHexString(ThriftCompactWriter.Write(new ThriftCompactReader(bytes).ReadStruct())), Is.EqualTo(hex));
    }

    [FsCheck.NUnit.Property]
    public bool Integers_and_bytes_round_trip(long number, byte[] bytes, bool flag, short id)
    {
        var fields = new SortedDictionary<short, ThriftValue>
        {
            [id] = new ThriftValue.Integer(ThriftType.Int64, number),
            [unchecked((short)(id + 20))] = new ThriftValue.Binary(bytes ?? []),
            [unchecked((short)(id + 21))] = new ThriftValue.Boolean(flag),
        };
        var read = new ThriftCompactReader(ThriftCompactWriter.Write(new ThriftValue.Struct(fields))).ReadStruct();
        return read.Long(id) == number
            && read.Bytes(unchecked((short)(id + 20)))!.AsSpan().SequenceEqual(bytes ?? [])
            && read[unchecked((short)(id + 21))] is ThriftValue.Boolean boolean && boolean.Value == flag;
    }

    [TestCase("15")]
    [TestCase("18FF")]
    [TestCase("19F5FFFFFFFF07")]
    [TestCase("15FFFFFFFFFFFFFFFFFFFF01")]
    [TestCase("1B00")]
    public void Malformed_bytes_are_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.That(() => new ThriftCompactReader(bytes).ReadStruct(), Throws.TypeOf<IcebergFormatException>());
    }
}

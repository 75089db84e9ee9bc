using System.Text.RegularExpressions;
using Philotes.Iceberg.Planning;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Foreign;

/// <summary>Readers that we did not write, over a partitioned table: all rows, and the right ones under filters that prune by partition.</summary>
internal sealed class PartitionedTableTests
{
    private static readonly (long Id, string? Name, long? CreatedAt, int? Born)[] Rows =
    [
        (34, "iceberg", 1_510_871_468_000_000, 17_486),
        (-11, "h\u00E9llo\U0001F9CA", -1, -1),
        (0, "", 0, 0),
        (5, null, null, null),
        (long.MaxValue, "a b/c=d%", 253_402_300_799_999_999, 2_932_896),
    ];

    private static string _folder = "";
    private static PartitionedTable _table = null!;

    [OneTimeSetUp]
    public async Task WriteTable()
    {
        _folder = Directory.CreateTempSubdirectory("iceberg-table-").FullName;
        _table = new PartitionedTable(_folder);
        await _table.AppendAsync([], merge: null);
        await _table.AppendAsync(Rows[..2], merge: null);
        await _table.AppendAsync(Rows[2..4], merge: null);
        await _table.AppendAsync(Rows[4..], new ManifestMergeOptions(MinCount: 3));
        Assert.That((await _table.HeadAsync()).Manifests, Has.Count.EqualTo(2), "the two older manifests were merged");
    }

    [OneTimeTearDown]
    public void RemoveTable() => Directory.Delete(_folder, recursive: true);

    [TestCase(null, 5)]
    [TestCase("id = 34", 1)]
    [TestCase("id = -11", 1)]
    [TestCase("id < 0", 1)]
    [TestCase("id >= 5", 3)]
    [TestCase("name = iceberg", 1)]
    [TestCase("name starts with h", 1)]
    [TestCase("name is null", 1)]
    [TestCase("created_at = 2017-11-16T22:31:08.000000Z", 1)]
    [TestCase("created_at < 1970-01-01T00:00:00.000000Z", 1)]
    [TestCase("born = 1969-12-31", 1)]
    [TestCase("born > 2000-01-01", 2)]
    public async Task Java_reads_the_rows_that_pass_the_filter(string? filter, int rows) =>
        Assert.That(await ForeignReaders.ReadMetadataWithJavaAsync(_table.MetadataFile, filter), Has.Count.EqualTo(rows));

    [TestCase(null, 5)]
    [TestCase("id = 34", 1)]
    [TestCase("id < 0", 1)]
    [TestCase("name = 'iceberg'", 1)]
    [TestCase("created_at < '1970-01-01 00:00:00+00'", 1)]
    [TestCase("born > '2000-01-01'", 2)]
    public async Task DuckDb_reads_the_rows_that_pass_the_filter(string? filter, int rows) =>
        Assert.That(await ForeignReaders.ReadWithDuckDbAsync(_table.MetadataFile, "t", filter), Has.Count.EqualTo(rows));

    [Test]
    public async Task All_readers_agree_on_every_value()
    {
        var java = await ForeignReaders.ReadMetadataWithJavaAsync(_table.MetadataFile);
        Assert.That(await ForeignReaders.ReadWithDuckDbAsync(_table.MetadataFile, "t"), Is.EqualTo(java));
        // icebird holds a timestamp as a JavaScript date, which knows no microseconds.
        Assert.That((await ForeignReaders.ReadWithIcebirdAsync(_table.MetadataFile)).Select(WithoutTimestamp), Is.EqualTo(java.Select(WithoutTimestamp)));
    }

    private static string WithoutTimestamp(string row) => Regex.Replace(row, "\"created_at\":[^,]*,", "");
}

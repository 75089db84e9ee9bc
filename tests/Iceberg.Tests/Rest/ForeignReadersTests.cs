using System.Text;
using Philotes.DuckDb;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Testing;
using static Philotes.Iceberg.Tests.Rest.CatalogTables;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>A table born with an empty snapshot, two commits of real files, read by three programs that are not ours.</summary>
public sealed class ForeignReadersTests
{
    static readonly LocalObjectStore Store = new();
    RestCatalog _catalog = null!;
    LoadedTable _table = null!;

    [OneTimeSetUp]
    public async Task WriteTableAsync()
    {
        _catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = RestSetUp.Catalog.Uri }, CancellationToken.None);
        var name = UniqueNamespace();
        await _catalog.EnsureNamespaceAsync(name, CancellationToken.None);
        var staged = Committed(await _catalog.StageCreateTableAsync(Request(name), CancellationToken.None));
        var empty = await SnapshotAsync(staged, []);
        _table = Committed(await _catalog.CommitAsync(StagedCreate.Plan(staged, empty.Snapshot), CancellationToken.None));
        await AppendAsync(0, 1_500);
        await AppendAsync(1_500, 1_500);
    }

    [OneTimeTearDown]
    public void Disconnect() => _catalog?.Dispose();

    static IEnumerable<string> Expected => Enumerable.Range(0, 3_000).Select(Row).Order(StringComparer.Ordinal);

    [Test]
    public async Task Java_reads_every_row_and_one_row()
    {
        var rows = await ForeignReaders.ReadWithJavaAsync(RestSetUp.Catalog.Uri, _table.Identifier.ToString());
        Assert.That(rows, Is.EqualTo(Expected));
        var one = await ForeignReaders.ReadWithJavaAsync(RestSetUp.Catalog.Uri, _table.Identifier.ToString(), "id = 1501");
        Assert.That(one, Is.EqualTo([Row(1501)]));
    }

    [Test]
    public async Task Java_reads_many_tables_in_one_process_and_metadata_without_a_catalog()
    {
        var table = _table.Identifier.ToString();
        var many = await ForeignReaders.ReadManyWithJavaAsync(RestSetUp.Catalog.Uri, [table, table]);
        Assert.That(many, Has.Count.EqualTo(2).And.All.Count.EqualTo(3_000));
        var count = await ForeignReaders.ReadMetadataWithJavaAsync(FileUri.ToPath(_table.MetadataLocation!), null, "--count");
        Assert.That(count, Is.EqualTo(["3000"]));
    }

    [Test]
    public async Task Icebird_reads_every_row_and_one_row()
    {
        var rows = await ForeignReaders.ReadWithIcebirdAsync(_table.MetadataLocation!);
        Assert.That(rows, Is.EqualTo(Expected));
        Assert.That(await ForeignReaders.ReadWithIcebirdAsync(FileUri.ToPath(_table.Metadata.Location), "id = 1501"), Is.EqualTo([Row(1501)]));
    }

    [Test]
    public async Task DuckDb_reads_every_row_and_one_row()
    {
        var rows = await ForeignReaders.ReadWithDuckDbAsync(RestSetUp.Catalog.Uri.ToString().TrimEnd('/'), _table.Identifier.ToString());
        Assert.That(rows, Is.EqualTo(Expected));
        var one = await ForeignReaders.ReadWithDuckDbAsync(FileUri.ToPath(_table.MetadataLocation!), _table.Identifier.ToString(), "id = 1501");
        Assert.That(one, Is.EqualTo([Row(1501)]));
    }

    static string Row(int id) => id % 7 == 0 ? $$"""{"id":{{id}},"note":null}""" : $$"""{"id":{{id}},"note":"note {{id}}"}""";

    async Task AppendAsync(int first, int count)
    {
        var snapshot = await SnapshotAsync(_table, [await WriteFileAsync(first, count)]);
        var request = new CommitRequest(
            _table.Identifier, TableRequirement.UnchangedHead(_table.Metadata), TableUpdate.AppendToMain(snapshot.Snapshot, _table.Metadata.MainRef));
        _table = Committed(await _catalog.CommitAsync(request, CancellationToken.None));
    }

    static async Task<WrittenSnapshot> SnapshotAsync(LoadedTable table, IReadOnlyList<DataFile> files)
    {
        var head = await TableHead.LoadAsync(table.Metadata, Store, CancellationToken.None);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var plan = AppendPlanner.Plan(head, files, SnapshotIds.From(Guid.NewGuid()), now, new Dictionary<string, string>(), merge: null);
        return await new SnapshotWriter(Store, Guid.NewGuid()).WriteAsync(head, plan, CancellationToken.None);
    }

    async Task<DataFile> WriteFileAsync(int first, int count)
    {
        var local = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.parquet");
        using var writer = ParquetFileWriter.Create(new ParquetWriterOptions(), _table.Metadata.Schema, local);
        for (var row = 0; row < count; row++)
        {
            writer.Chunk[0].Values<long>()[row] = first + row;
            SetNote(writer.Chunk[1], row, first + row);
        }

        writer.AppendChunk(count);
        var file = writer.Complete();
        var uri = $"{_table.Metadata.Location}/data/{Guid.NewGuid()}.parquet";
        await Store.PutNewFileAsync(uri, local, CancellationToken.None);
        File.Delete(local);
        return DataFile.FromParquet(file, uri, specId: 0, PartitionValues.Empty);
    }

    static void SetNote(Vector vector, int row, int id)
    {
        if (id % 7 == 0)
        {
            vector.SetNull(row);
        }
        else
        {
            vector.SetText(row, Encoding.UTF8.GetBytes($"note {id}"));
        }
    }
}

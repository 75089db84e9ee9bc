using System.Text;
using System.Text.Json.Nodes;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Foreign;

/// <summary>A table in a folder, written with our own layers and a metadata file made by hand: one data file for each row, so that pruning is seen.</summary>
internal sealed class PartitionedTable(string folder)
{
    private readonly LocalObjectStore _store = new();
    private readonly List<Snapshot> _snapshots = [];
    private readonly Guid _uuid = Guid.NewGuid();

    public static IcebergSchema Schema { get; } = new(0,
    [
        new NestedField(1, "id", Required: true, new LongType()),
        new NestedField(2, "name", Required: false, new StringType()),
        new NestedField(3, "created_at", Required: false, new TimestampTzType()),
        new NestedField(4, "born", Required: false, new DateType()),
    ]);

    public static PartitionSpec Spec { get; } = PartitionSpec.Parse(
        ["bucket(16, id)", "truncate(2, name)", "hour(created_at)", "day(created_at)", "month(born)", "year(born)", "truncate(10, id)"], Schema);

    public string MetadataFile => Path.Combine(folder, "metadata", $"v{_snapshots.Count}.metadata.json");

    /// <summary>Commits one snapshot with a file for each row, and writes the next metadata file.</summary>
    public async Task AppendAsync(IEnumerable<(long Id, string? Name, long? CreatedAt, int? Born)> rows, ManifestMergeOptions? merge)
    {
        var files = new List<DataFile>();
        foreach (var row in rows)
        {
            files.Add(await WriteAsync(row));
        }

        var head = await HeadAsync();
        var snapshotId = SnapshotIds.From(Guid.NewGuid());
        var plan = AppendPlanner.Plan(head, files, snapshotId, 1_700_000_000_000, new Dictionary<string, string>(), merge);
        var written = await new SnapshotWriter(_store, Guid.NewGuid()).WriteAsync(head, plan, CancellationToken.None);
        _snapshots.Add(written.Snapshot);
        await File.WriteAllTextAsync(MetadataFile, MetadataJson());
    }

    public async Task<TableHead> HeadAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "metadata"));
        return await TableHead.LoadAsync(TableMetadata.Parse(Encoding.UTF8.GetBytes(MetadataJson())), _store, CancellationToken.None);
    }

    private async Task<DataFile> WriteAsync((long Id, string? Name, long? CreatedAt, int? Born) row)
    {
        var local = Path.Combine(folder, $"{Guid.NewGuid():N}.parquet");
        using var writer = ParquetFileWriter.Create(new ParquetWriterOptions(), Schema, local);
        writer.Chunk[0].Values<long>()[0] = row.Id;
        Fill(row.Name, name => writer.Chunk[1].SetText(0, Encoding.UTF8.GetBytes(name)), () => writer.Chunk[1].SetNull(0));
        Fill(row.CreatedAt, micros => writer.Chunk[2].Values<long>()[0] = micros!.Value, () => writer.Chunk[2].SetNull(0));
        Fill(row.Born, days => writer.Chunk[3].Values<int>()[0] = days!.Value, () => writer.Chunk[3].SetNull(0));
        writer.AppendChunk(1);
        var file = writer.Complete();
        var partition = Spec.Partition(Schema, id => id switch { 1 => row.Id, 2 => row.Name, 3 => row.CreatedAt, _ => row.Born });
        var uri = $"file://{folder}/data/{Spec.PartitionPath(Schema, partition)}/{Path.GetFileName(local)}";
        await _store.PutNewFileAsync(uri, local, CancellationToken.None);
        File.Delete(local);
        return DataFile.FromParquet(file, uri, Spec.SpecId, partition);
    }

    private static void Fill<T>(T? value, Action<T> set, Action setNull)
    {
        if (value is null)
        {
            setNull();
        }
        else
        {
            set(value);
        }
    }

    private string MetadataJson()
    {
        var current = _snapshots.LastOrDefault();
        return new JsonObject
        {
            ["format-version"] = 2,
            ["table-uuid"] = _uuid.ToString(),
            ["location"] = $"file://{folder}",
            ["last-sequence-number"] = current?.SequenceNumber ?? 0,
            ["last-updated-ms"] = current?.TimestampMs ?? 1_600_000_000_000,
            ["last-column-id"] = Schema.HighestFieldId(),
            ["schemas"] = new JsonArray(JsonNode.Parse(Schema.ToJson())),
            ["current-schema-id"] = 0,
            ["partition-specs"] = new JsonArray(JsonNode.Parse(Spec.ToJson())),
            ["default-spec-id"] = 0,
            ["last-partition-id"] = Spec.Fields[^1].FieldId,
            ["sort-orders"] = new JsonArray(JsonNode.Parse(SortOrder.Unsorted.ToJson())),
            ["default-sort-order-id"] = 0,
            ["properties"] = new JsonObject(),
            ["current-snapshot-id"] = current?.SnapshotId,
            ["snapshots"] = new JsonArray(_snapshots.Select(JsonNode? (snapshot) => JsonNode.Parse(PartitionJson.Text(snapshot.Write))).ToArray()),
        }.ToJsonString();
    }
}

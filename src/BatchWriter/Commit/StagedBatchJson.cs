using System.Text.Json;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Commit;

/// <summary>The ledger's <c>files</c> column.</summary>
internal static class StagedBatchJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write(StagedBatch batch, PartitionSpec spec, IcebergSchema schema)
    {
        var partitionType = spec.PartitionType(schema);
        return JsonSerializer.Serialize(
            new Document(1, batch.TableUuid, batch.Parked, [.. batch.Files.Select(file => StagedFile.Of(file, partitionType))]), Options);
    }

    /// <param name="spec">The table's spec of this id.</param>
    public static StagedBatch Read(string json, long snapshotId, Func<int, PartitionSpec> spec, IcebergSchema schema)
    {
        var document = JsonSerializer.Deserialize<Document>(json, Options);
        return document is { Version: 1 }
            ? new StagedBatch(document.TableUuid, snapshotId,
                [.. document.Files.Select(file => file.ToDataFile(spec(file.Spec).PartitionType(schema)))], document.Parked)
            : throw new PhilotesException("PH900", $"A staged batch is of version {document?.Version}, which this program does not know. Use the version that staged it.");
    }

    private sealed record Document(int Version, Guid TableUuid, long Parked, IReadOnlyList<StagedFile> Files);
}

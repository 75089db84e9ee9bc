using System.Text.Json;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Planning;

/// <summary>What one version of a table's metadata says that a commit builds on. All of it comes from the same version.</summary>
public sealed record TableHead
{
    public required int FormatVersion { get; init; }

    /// <summary>Where manifests and manifest lists go; an absolute URI without a slash at the end.</summary>
    public required string MetadataFolder { get; init; }

    /// <summary>Where data files go; an absolute URI without a slash at the end.</summary>
    public required string DataFolder { get; init; }

    public required IcebergSchema Schema { get; init; }

    /// <summary>All specs that this library knows, by id.</summary>
    public required IReadOnlyDictionary<int, PartitionSpec> Specs { get; init; }

    public required int DefaultSpecId { get; init; }

    public required long LastSequenceNumber { get; init; }

    /// <summary>The head of main; null when the table has no snapshot.</summary>
    public required Snapshot? Current { get; init; }

    /// <summary>The head's manifests, in the order of its list.</summary>
    public required IReadOnlyList<ManifestFile> Manifests { get; init; }

    /// <summary>The spec of new files.</summary>
    public PartitionSpec DefaultSpec => Specs.GetValueOrDefault(DefaultSpecId)
        ?? throw new IcebergFormatException($"The table's partition spec {DefaultSpecId} is missing, or has a transform that this library does not know.");

    /// <summary>Whether manifests of this spec can be written: the spec is known, and its source columns are still in the schema.</summary>
    public bool CanWrite(int specId) =>
        Specs.TryGetValue(specId, out var spec) && spec.Fields.All(part => part.Transform is Transform.Void || Schema.FindField(part.SourceId) is not null);

    /// <summary>Reads the head's manifest list from the store.</summary>
    public static async Task<TableHead> LoadAsync(TableMetadata metadata, IObjectStore store, CancellationToken cancellationToken)
    {
        var current = metadata.CurrentSnapshot;
        return new TableHead
        {
            FormatVersion = metadata.FormatVersion,
            MetadataFolder = Folder(metadata, "write.metadata.path", "metadata"),
            DataFolder = Folder(metadata, "write.data.path", "data"),
            Schema = metadata.Schema,
            Specs = ReadSpecs(metadata),
            DefaultSpecId = metadata.DefaultSpecId,
            LastSequenceNumber = metadata.LastSequenceNumber,
            Current = current,
            Manifests = current is null ? [] : await ReadManifestsAsync(current, store, cancellationToken),
        };
    }

    private static string Folder(TableMetadata metadata, string property, string name) =>
        metadata.Properties.GetValueOrDefault(property)?.TrimEnd('/') ?? $"{metadata.Location}/{name}";

    private static async Task<IReadOnlyList<ManifestFile>> ReadManifestsAsync(Snapshot snapshot, IObjectStore store, CancellationToken cancellationToken)
    {
        var list = snapshot.ManifestList
            ?? throw new IcebergFormatException(
                $"Snapshot {snapshot.SnapshotId} has no manifest list, as only version 1 allows; upgrade the table to version 2 first.");
        return ManifestListReader.Read(await store.ReadAsync(list, cancellationToken));
    }

    private static Dictionary<int, PartitionSpec> ReadSpecs(TableMetadata metadata)
    {
        var specs = new Dictionary<int, PartitionSpec>();
        if (metadata.Document.TryGetProperty("partition-specs", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var json in list.EnumerateArray())
            {
                var spec = PartitionSpec.Read(json);
                specs[spec.SpecId] = spec;
            }
        }

        return specs;
    }
}

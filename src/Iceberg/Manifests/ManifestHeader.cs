using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Manifests;

/// <summary>The key-value header of a manifest: one schema, one partition spec, one kind of content.</summary>
public sealed record ManifestHeader(IcebergSchema Schema, PartitionSpec Spec, ManifestContent Content);

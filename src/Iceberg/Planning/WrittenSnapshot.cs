using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Planning;

/// <summary>A snapshot whose manifests and list are stored; the catalog has not heard of it yet.</summary>
public sealed record WrittenSnapshot(Snapshot Snapshot, string ManifestListPath);

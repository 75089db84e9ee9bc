using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Planning;

/// <summary>A manifest to be written for new files of one partition spec.</summary>
public sealed record PlannedManifest(int SpecId, IReadOnlyList<DataFile> Files);

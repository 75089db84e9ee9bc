namespace Philotes.Iceberg.Manifests;

/// <summary>A manifest that was read.</summary>
public sealed record Manifest(ManifestHeader Header, IReadOnlyList<ManifestEntry> Entries);

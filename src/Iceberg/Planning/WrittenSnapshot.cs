using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Planning;

/// <summary>A snapshot whose manifests and list are stored; the catalog has not heard of it yet.</summary>
/// <param name="Used">Of the objects that its writer stored, those that it refers to: the list and manifests.</param>
public sealed record WrittenSnapshot(Snapshot Snapshot, string ManifestListPath, IReadOnlyList<string> Used);

namespace Philotes.Iceberg.Manifests;

/// <summary>A manifest's bytes, and its line of the manifest list once it lies at <see cref="ManifestFile.Path"/>.</summary>
public sealed record EncodedManifest(byte[] Bytes, ManifestFile File);

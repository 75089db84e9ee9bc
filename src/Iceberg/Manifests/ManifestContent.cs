namespace Philotes.Iceberg.Manifests;

/// <summary>What kind of files a manifest lists. The number is the specification's.</summary>
public enum ManifestContent
{
    Data = 0,
    Deletes = 1,
}

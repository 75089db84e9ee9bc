using System.Globalization;

namespace Philotes.Iceberg.Planning;

/// <summary>When an append merges the table's small manifests (table properties <c>commit.manifest.*</c>).</summary>
/// <param name="MinCount">The newest manifests are left alone until there are so many.</param>
/// <param name="TargetBytes">The size of a merged manifest.</param>
public sealed record ManifestMergeOptions(int MinCount = 100, long TargetBytes = 8 * 1024 * 1024)
{
    /// <summary>What the table's properties ask for; null when they turn merging off. A property that is no number counts as absent.</summary>
    public static ManifestMergeOptions? From(IReadOnlyDictionary<string, string> properties) =>
        string.Equals(properties.GetValueOrDefault("commit.manifest-merge.enabled"), "false", StringComparison.OrdinalIgnoreCase)
            ? null
            : new ManifestMergeOptions(
                int.TryParse(properties.GetValueOrDefault("commit.manifest.min-count-to-merge"), CultureInfo.InvariantCulture, out var count) ? count : 100,
                long.TryParse(properties.GetValueOrDefault("commit.manifest.target-size-bytes"), CultureInfo.InvariantCulture, out var bytes)
                    ? bytes
                    : 8 * 1024 * 1024);
}

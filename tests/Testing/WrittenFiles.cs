using NUnit.Framework;

namespace Philotes.Testing;

/// <summary>Every Parquet file that a test wrote is looked at before it is deleted: a footer that some engine would read wrongly fails the test that wrote it.</summary>
public static class WrittenFiles
{
    /// <param name="folder">A warehouse, perhaps without any file. Where node or its packages are missing nothing is looked at; CI has both.</param>
    public static async Task CheckAsync(string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).Any(file => !file.Contains("/temp/", StringComparison.Ordinal)) || !HasReader)
        {
            return;
        }

        var wrong = await ForeignReaders.CheckFootersAsync(folder);
        if (wrong.Count > 0)
        {
            throw new AssertionException($"Footers that a reader would take wrongly:{Environment.NewLine}{string.Join(Environment.NewLine, wrong.Take(20))}");
        }
    }

    private static bool HasReader => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)
        || Directory.Exists(Peers.Repository("native", "node_modules", "hyparquet"));
}

namespace Philotes.Testing;

/// <summary>
/// DuckDB under Node with its iceberg extension, unpacked once a machine: about 200 MB and half a minute the first time, so it lies in the temporary
/// folder and stays there.
/// </summary>
internal static class DuckDbReader
{
    static readonly SemaphoreSlim One = new(1, 1);

    public static async Task<string> FolderAsync()
    {
        var setup = Peers.Path("duckdb", "setup.sh");
        Peers.Node();
        var folder = Path.Combine(Path.GetTempPath(), "duckdb-iceberg-reader-1.5.5");
        await One.WaitAsync();
        try
        {
            if (!File.Exists(Path.Combine(folder, "ready")))
            {
                await SetUpAsync(setup, folder);
            }

            return folder;
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>Into a folder of this process first: two test runs at once must not see each other's halves.</summary>
    static async Task SetUpAsync(string setup, string folder)
    {
        var own = $"{folder}.{Environment.ProcessId}";
        await ChildProcess.RunAsync("bash", [setup, own]);
        await File.WriteAllTextAsync(Path.Combine(own, "ready"), "");
        try
        {
            Directory.Move(own, folder);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, "ready")))
        {
            Directory.Delete(own, recursive: true);
        }
    }
}

using System.Globalization;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// A changelog folded to rows by DuckDB, from the files of one snapshot. The engine is bounded by <c>writer.memory</c> and spills into its
/// folder. Objects that are not local files are fetched into that folder first.
/// </summary>
internal sealed class LakeRows : IDisposable
{
    private readonly string _folder;
    private readonly DuckDbDatabase _database;
    private readonly DuckDbConnection _connection;

    private LakeRows(WriterOptions options)
    {
        _folder = Path.Combine(options.TempFolder ?? Path.GetTempPath(), $"philotes-verify-{Guid.NewGuid():n}");
        Directory.CreateDirectory(_folder);
        _database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { MemoryByteMax = options.Memory.Bytes, TempFolder = Path.Combine(_folder, "spill"), ThreadCount = 2 });
        _connection = _database.Connect();
    }

    /// <param name="before">Changes committed before this position count.</param>
    public static async Task<LakeRows> FoldAsync(
        WriterOptions options, TableShape shape, TableMetadata table, IObjectStore store, Lsn before, CancellationToken cancellationToken)
    {
        var rows = new LakeRows(options);
        try
        {
            var files = await rows.LocalAsync(await FilesAsync(table, store, cancellationToken), store, cancellationToken);
            rows._connection.Execute(files.Count == 0
                ? "create temp table folded (k varchar, h ubigint)"
                : VerifySql.CreateFolded(shape, files, before.Value));
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Bucket to rows and hash.</summary>
    public Dictionary<string, (long Rows, ulong Hash)> Buckets() => _connection.QueryTexts(VerifySql.LakeBuckets).ToDictionary(
        row => row[0]!, row => (long.Parse(row[1]!, CultureInfo.InvariantCulture), ulong.Parse(row[2]!, CultureInfo.InvariantCulture)), StringComparer.Ordinal);

    /// <summary>Key to hash of the rows of some buckets.</summary>
    public Dictionary<string, ulong> Of(IEnumerable<string> buckets) => _connection.QueryTexts(VerifySql.LakeOf(buckets)).ToDictionary(
        row => row[0]!, row => ulong.Parse(row[1]!, CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>The data files of a table's head.</summary>
    /// <exception cref="PhilotesException">PH018: it has delete files, which a changelog never has.</exception>
    public static async Task<IReadOnlyList<DataFile>> FilesAsync(TableMetadata table, IObjectStore store, CancellationToken cancellationToken)
    {
        if (table.CurrentSnapshot?.ManifestList is not { } list)
            return [];
        var files = new List<DataFile>();
        foreach (var manifest in ManifestListReader.Read(await store.ReadAsync(list, cancellationToken)))
        {
            if (manifest.Content != ManifestContent.Data)
                throw new PhilotesException("PH018", "The lake's table has delete files, which no changelog of ours has: another program deleted rows from it.");
            var read = ManifestReader.Read(await store.ReadAsync(manifest.Path, cancellationToken), manifest);
            files.AddRange(read.Entries.Where(entry => entry.IsLive).Select(entry => entry.File));
        }

        return files;
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<IReadOnlyList<string>> LocalAsync(IReadOnlyList<DataFile> files, IObjectStore store, CancellationToken cancellationToken)
    {
        var local = new List<string>();
        foreach (var file in files)
        {
            if (Uri.TryCreate(file.FilePath, UriKind.Absolute, out var uri) && uri.IsFile)
            {
                local.Add(uri.LocalPath);
                continue;
            }

            var path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{local.Count}.parquet"));
            await using var source = await store.OpenReadAsync(file.FilePath, cancellationToken);
            await using var target = File.Create(path);
            await source.CopyToAsync(target, cancellationToken);
            local.Add(path);
        }

        return local;
    }
}

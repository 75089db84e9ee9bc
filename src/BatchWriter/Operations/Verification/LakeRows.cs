using System.Globalization;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// A changelog folded to rows by DuckDB, from the files of one snapshot: of each change a key and a few numbers are written into parts by key, and a part at
/// a time is folded. The engine has at most 192 MiB, and <c>writer.memory</c> where that is less, whatever the number of rows; the parts, what it spills and
/// objects that are not local files are in its folder.
/// </summary>
internal sealed class LakeRows : IDisposable
{
    /// <summary>Keys that are sent to the source in one statement.</summary>
    private const int TouchedMax = 1_000_000;

    private const long MemoryByteMax = 192L << 20;

    private readonly string _folder;
    private readonly TableShape _shape;
    private readonly long _memory;
    private readonly DuckDbDatabase _database;
    private readonly DuckDbConnection _connection;

    private int _parts = 1;

    private LakeRows(WriterOptions options, TableShape shape)
    {
        _shape = shape;
        _memory = Math.Min(options.Memory.Bytes, MemoryByteMax);
        _folder = Path.Combine(options.TempFolder ?? Path.GetTempPath(), $"philotes-verify-{Guid.NewGuid():n}");
        Directory.CreateDirectory(_folder);
        _database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { MemoryByteMax = _memory, TempFolder = Path.Combine(_folder, "spill"), ThreadCount = 2 });
        _connection = _database.Connect();
        _connection.Execute(VerifySql.NothingTouched);
        _connection.Execute("set partitioned_write_flush_threshold = 65536");
    }

    /// <summary>Keys of rows that changed between the position that was asked for and the one that the source could be read at.</summary>
    public string[] Touched { get; private set; } = [];

    /// <summary>Of these, how many were there at the position, and how many the changelog has there.</summary>
    public (long Source, long Lake) TouchedRows { get; private set; }

    /// <summary>Of these, those of which only one side says that they were there: bucket and row.</summary>
    public IReadOnlyList<(string Bucket, DifferingRow Row)> TouchedDifferences { get; private set; } = [];

    /// <param name="at">Changes committed before this position count.</param>
    /// <param name="until">The position of the source's snapshot; rows that changed from <paramref name="at"/> on are set aside.</param>
    public static async Task<LakeRows> FoldAsync(
        WriterOptions options, TableShape shape, TableMetadata table, IObjectStore store, Lsn at, Lsn until, CancellationToken cancellationToken)
    {
        var rows = new LakeRows(options, shape);
        try
        {
            var files = await FilesAsync(table, store, cancellationToken);
            rows.Fold(await rows.LocalAsync(files, store, cancellationToken), files.Sum(file => file.RecordCount), at, until);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>The same of files that are local.</summary>
    /// <param name="changes">Rows in them.</param>
    public static LakeRows Fold(WriterOptions options, TableShape shape, IReadOnlyList<string> files, long changes, Lsn at, Lsn until)
    {
        var rows = new LakeRows(options, shape);
        try
        {
            rows.Fold(files, changes, at, until);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Bucket to rows and hash.</summary>
    public Dictionary<string, (long Rows, ulong Hash)> Buckets() => Enumerable.Range(0, _parts).Select(PartFolder).OfType<string>()
        .SelectMany(part => _connection.QueryTexts(VerifySql.LakeBuckets(_shape, part))).ToDictionary(
            row => row[0]!, row => (long.Parse(row[1]!, CultureInfo.InvariantCulture), ulong.Parse(row[2]!, CultureInfo.InvariantCulture)), StringComparer.Ordinal);

    /// <summary>Key to hash of the rows of some buckets.</summary>
    public Dictionary<string, ulong> Of(IEnumerable<string> buckets) => buckets.GroupBy(bucket => VerifySql.PartOf(bucket, _parts))
        .Where(part => PartFolder(part.Key) is not null)
        .SelectMany(part => _connection.QueryTexts(VerifySql.LakeOf(_shape, PartFolder(part.Key)!, part))).ToDictionary(
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

    private void Fold(IReadOnlyList<string> files, long changes, Lsn at, Lsn until)
    {
        if (files.Count == 0)
            return;
        _parts = VerifySql.Parts(_shape, changes, _memory);
        var truncated = _connection.QueryTexts(VerifySql.Truncated(_shape, files, at.Value))[0][0]!;
        _connection.Execute(VerifySql.WriteChanges(_shape, files, at.Value, truncated, Path.Combine(_folder, "changes"), _parts));
        if (at < until)
            SetTouchedAside(_shape, files, at, until);
    }

    /// <summary>Null where it holds nothing.</summary>
    private string? PartFolder(int part)
    {
        var folder = Path.Combine(_folder, "changes", string.Create(CultureInfo.InvariantCulture, $"part={part}"));
        return Directory.Exists(folder) ? folder : null;
    }

    /// <exception cref="PhilotesException">PH018: nothing can be said of the position any more.</exception>
    private void SetTouchedAside(TableShape shape, IReadOnlyList<string> files, Lsn at, Lsn until)
    {
        if (_connection.QueryTexts(VerifySql.Rewritten(shape, files, at.Value, until.Value))[0][0] != "0")
            throw new PhilotesException("PH018", $"Table {shape.Name} was truncated or copied after {at}, so the source no longer tells which rows it had there. Compare at a later position.");
        _connection.Execute(VerifySql.FindTouched(shape, files, at.Value, until.Value));
        foreach (var part in Enumerable.Range(0, _parts).Select(PartFolder).OfType<string>())
            _connection.Execute(VerifySql.AddKnown(shape, part));
        var counts = _connection.QueryTexts(VerifySql.TouchedCounts)[0].Select(text => long.Parse(text!, CultureInfo.InvariantCulture)).ToList();
        if (counts[0] > TouchedMax)
            throw new PhilotesException("PH018", $"{counts[0]} rows of {shape.Name} have changed since {at}, more than {TouchedMax}: the source no longer has their values of then. Compare at a later position.");
        TouchedRows = (counts[1], counts[2]);
        TouchedDifferences = [.. _connection.QueryTexts(VerifySql.TouchedDifferences).Select(row => (row[0]!, new DifferingRow(row[1]!, row[2]!)))];
        Touched = [.. _connection.QueryTexts(VerifySql.TouchedKeys).Select(row => row[0]!)];
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

namespace Philotes.Testing;

/// <summary>
/// Tables as readers see them that we did not write. Each returns the live rows as JSON lines, sorted, so that two readers compare as lists.
/// A filter is in the reader's own words: <c>id = 5</c> is understood by all three.
/// </summary>
public static class ForeignReaders
{
    /// <summary>icebird (JavaScript). Knows no catalog: takes a metadata file or a table's folder, as a path or a file URI.</summary>
    public static async Task<IReadOnlyList<string>> ReadWithIcebirdAsync(string metadataOrFolder, string? filter = null) => Lines(await ChildProcess.RunAsync(
        Peers.Node(), [Peers.Repository("tests", "Testing", "read-icebird.mjs"), Peers.Native(), metadataOrFolder, .. Option("--filter", filter)]));

    /// <summary>The reference implementation (Java), through a catalog.</summary>
    /// <param name="options">Further options of its reader: <c>--snapshot</c>, <c>--schema</c>, <c>--files</c>, <c>--plan</c> …</param>
    public static Task<IReadOnlyList<string>> ReadWithJavaAsync(Uri catalog, string table, string? filter = null, params IEnumerable<string> options) =>
        DumpAsync([table, "uri=" + catalog, .. Option("--filter", filter), .. options]);

    /// <summary>The reference implementation (Java), from a metadata file and without a catalog.</summary>
    public static Task<IReadOnlyList<string>> ReadMetadataWithJavaAsync(string metadataFile, string? filter = null, params IEnumerable<string> options) =>
        DumpAsync(["--metadata-location", metadataFile, .. Option("--filter", filter), .. options]);

    /// <summary>The rows by table, in the order asked for.</summary>
    public static Task<IReadOnlyList<IReadOnlyList<string>>> ReadManyWithJavaAsync(Uri catalog, IReadOnlyList<string> tables) =>
        ReadAllAsync(tables.Select(table => new[] { table, "uri=" + catalog }));

    /// <summary>As <see cref="ReadManyWithJavaAsync"/>, from metadata files and without a catalog.</summary>
    /// <param name="options">For all of them, such as where the store is.</param>
    public static Task<IReadOnlyList<IReadOnlyList<string>>> ReadManyMetadataWithJavaAsync(IReadOnlyList<string> metadataFiles, params IEnumerable<string> options) =>
        ReadAllAsync(metadataFiles.Select(file => (IEnumerable<string>)["--metadata-location", file, .. options]));

    static async Task<IReadOnlyList<IReadOnlyList<string>>> ReadAllAsync(IEnumerable<IEnumerable<string>> reads)
    {
        var tables = new List<IReadOnlyList<string>>();
        foreach (var read in reads)
        {
            tables.Add(await DumpAsync(read));
        }

        return tables;
    }

    /// <summary>Many tables by their metadata files, each into a file of its own; returns what went wrong, a line per table that could not be read.</summary>
    public static async Task<IReadOnlyList<string>> WriteManyWithJavaAsync(IReadOnlyList<(string Output, string Metadata)> tables)
    {
        var errors = new List<string>();
        foreach (var (output, metadata) in tables)
        {
            if (await JavaReader.RunAsync(output, ["--metadata-location", metadata]) is { } error)
            {
                errors.Add(error);
            }
        }

        return errors;
    }

    /// <summary>DuckDB's iceberg extension, through a catalog or, when the source ends in <c>.json</c>, from a metadata file.</summary>
    /// <param name="store">Where the files are, when they are not local.</param>
    public static async Task<IReadOnlyList<string>> ReadWithDuckDbAsync(string catalogOrMetadataFile, string table, string? where = null, S3Server? store = null)
    {
        var reader = await DuckDbReader.FolderAsync();
        return Lines(await ChildProcess.RunAsync(
            Peers.Node(),
            [Path.Combine(reader, "read.mjs"), catalogOrMetadataFile, table, .. Option("--where", where)],
            new Dictionary<string, string>(store?.Variables ?? new Dictionary<string, string>()) { ["EXT_DIR"] = reader }));
    }

    /// <summary>Rows that the reference implementation finds under each filter; null where it refused the filter.</summary>
    public static async Task<IReadOnlyList<long?>> CountWithJavaAsync(string metadataFile, IReadOnlyList<string> filters)
    {
        var counts = new List<long?>();
        foreach (var filter in filters)
        {
            try
            {
                counts.Add(long.Parse(await JavaReader.ReadAsync(["--metadata-location", metadataFile, "--count", "--filter", filter]), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (InvalidOperationException)
            {
                counts.Add(null);
            }
        }

        return counts;
    }

    /// <summary>Rows that DuckDB's extension finds under each SQL condition, in one process; null where it refused it.</summary>
    public static async Task<IReadOnlyList<long?>> CountWithDuckDbAsync(string metadataFile, IReadOnlyList<string> conditions)
    {
        var reader = await DuckDbReader.FolderAsync();
        var answers = await ChildProcess.RunAsync(
            Peers.Node(), [Peers.Repository("tests", "Testing", "filter-duckdb.mjs"), metadataFile], new Dictionary<string, string> { ["EXT_DIR"] = reader },
            input: System.Text.Json.JsonSerializer.Serialize(conditions));
        return [.. answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.TryParse(line, out var count) ? count : (long?)null)];
    }

    /// <summary>Rows that icebird returns and that then fulfil a filter each: column, <c>=</c>, <c>null</c> or <c>not null</c>, and a literal. In one process.</summary>
    public static async Task<IReadOnlyList<long>> CountWithIcebirdAsync(string metadataFile, IReadOnlyList<string?[]> filters)
    {
        var answers = await ChildProcess.RunAsync(
            Peers.Node(), [Peers.Repository("tests", "Testing", "read-icebird.mjs"), Peers.Native(), metadataFile, "--counts"], input: System.Text.Json.JsonSerializer.Serialize(filters));
        return [.. answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Reads the footer of every Parquet file below a folder with hyparquet and returns what some engine would read wrongly; throws when there is no file.</summary>
    public static async Task<IReadOnlyList<string>> CheckFootersAsync(string folder)
    {
        var lines = (await ChildProcess.RunAsync(Peers.Node(), [Peers.Repository("tests", "Testing", "check-footers.mjs"), Peers.Native(), folder]))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines[^1] != "0 files" ? lines[..^1] : throw new InvalidOperationException($"There is no Parquet file below {folder}.");
    }

    static async Task<IReadOnlyList<string>> DumpAsync(IEnumerable<string> arguments) => Lines(await JavaReader.ReadAsync(arguments));

    static IEnumerable<string> Option(string name, string? value) => value is null ? [] : [name, value];

    static string[] Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
}

using System.Diagnostics;
using Npgsql;
using Philotes.DuckDb;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>What a copy could be at best: the server's COPY by its own client, thrown away, and the same through a pipe into DuckDB's own reader and Parquet writer. In rows a second, of the first rows of the table.</summary>
internal static class CopyLimit
{
    private const string Psql = "/usr/lib/postgresql/15/bin/psql"; // Debian's postgresql-client-15

    public static async Task<double> ToNothingAsync(Pipeline pipeline, CopyShape shape, long rows, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await CopyAsync(pipeline, shape, rows, "", "/dev/null", cancellationToken);
        return rows / clock.Elapsed.TotalSeconds;
    }

    /// <summary>With as many threads as the machine has, and the compression that we use.</summary>
    public static async Task<double> ToParquetAsync(Pipeline pipeline, CopyShape shape, long rows, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-limit-").FullName;
        try
        {
            var pipe = Path.Combine(folder, "rows");
            using (var made = Process.Start("mkfifo", [pipe]))
                await made.WaitForExitAsync(cancellationToken);
            using var database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { MemoryByteMax = 8L << 30, ThreadCount = Environment.ProcessorCount, TempFolder = folder });
            using var connection = database.Connect();
            var columns = string.Join(", ", shape.Columns.Select(column => $"'{column.Name}': '{column.Lake}'"));
            var file = Path.Combine(folder, "rows.parquet");
            var clock = Stopwatch.StartNew();
            var copy = CopyAsync(pipeline, shape, rows, " with (format csv)", pipe, cancellationToken);
            await Task.Run(() => connection.Execute($"copy (select * from read_csv('{pipe}', header = false, auto_detect = false, buffer_size = 33554432, max_line_size = 2097152, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})) to '{file}' (format parquet, compression zstd)"), cancellationToken);
            await copy;
            return rows / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CopyAsync(Pipeline pipeline, CopyShape shape, long rows, string format, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(Psql))
            throw new InvalidOperationException($"{Psql} is missing; install postgresql-client-15.");
        var connection = new NpgsqlConnectionStringBuilder(pipeline.SourceConnection);
        var start = new ProcessStartInfo(Psql)
        {
            ArgumentList =
            {
                "--host", connection.Host!, "--port", $"{connection.Port}", "--username", connection.Username!, "--dbname", connection.Database!, "--no-psqlrc", "--quiet",
                "--set", "ON_ERROR_STOP=1", "--output", file, "--command", $"copy (select {shape.ColumnNames} from {CopyShape.Table} where id <= {rows}) to stdout{format}",
            },
            Environment = { ["PGPASSWORD"] = connection.Password },
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"psql ended with {process.ExitCode}.");
    }
}

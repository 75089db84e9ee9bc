using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>
/// P7: the initial copy of one table, from the start of both processes until the lake has its last row, beside two limits of the same run on the same rows:
/// COPY to nothing, and COPY through a pipe into DuckDB's own Parquet writer. Defaults of the product, but for the times at which it looks for work.
/// </summary>
internal sealed class CopyBenchmark(PostgresServer source, PostgresServer buffer)
{
    private const long LimitRowsMax = 10_000_000;
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(CopyShape shape, long rows, int changesPerSecond, CancellationToken cancellationToken)
    {
        await using var source = await ServerAsync();
        await using var buffer = await ServerAsync(); // of its own, so that the source's log is the source's
        await new CopyBenchmark(source, buffer).MeasureAsync(shape, rows, changesPerSecond, cancellationToken);
    }

    private static Task<PostgresServer> ServerAsync() =>
        PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_wal_size"] = "8GB", ["shared_buffers"] = "512MB" }, fsync: true);

    private async Task MeasureAsync(CopyShape shape, long rows, int changesPerSecond, CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(source, buffer, new PipelineShape(MaxAge: "10s"), cancellationToken);
        await FillAsync(pipeline, shape, rows, cancellationToken);
        var bytes = (double)await SourceAsync<long>(pipeline, $"select pg_table_size('{CopyShape.Table}')", cancellationToken);

        var nothing = await CopyLimit.ToNothingAsync(pipeline, shape, Math.Min(rows, LimitRowsMax), cancellationToken);
        double? parquet = shape.FitsCsv ? await CopyLimit.ToParquetAsync(pipeline, shape, Math.Min(rows, LimitRowsMax), cancellationToken) : null;
        using var changes = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changing = changesPerSecond > 0 ? ChangeAsync(pipeline, changesPerSecond, changes.Token) : Task.CompletedTask;

        var clock = Stopwatch.StartNew();
        pipeline.StartCapture();
        pipeline.StartWriter("", "--set", "writer.memory=1GiB");
        var retained = 0L;
        while (!await pipeline.BufferAsync<bool>("select count(*) > 0 and coalesce(bool_and(c.state = 'active' and k.committed_seq >= c.finished_seq), false) from philotes.table_copy c join philotes.table_cursor k using (table_id)", cancellationToken))
        {
            retained = Math.Max(retained, await RetainedAsync(pipeline, cancellationToken));
            if (pipeline.Capture!.HasExited || pipeline.Writer!.HasExited)
                throw new InvalidOperationException(pipeline.Describe());
            await Task.Delay(Sample, cancellationToken);
        }

        var elapsed = clock.Elapsed;
        await changes.CancelAsync();
        await changing;
        var copied = await pipeline.BufferAsync<long>("select sum(rows_done)::bigint from philotes.v_copy", cancellationToken);
        if (copied < rows)
            throw new InvalidOperationException($"{copied} of {rows} rows were copied.");
        Print(shape, rows, bytes, elapsed, nothing, parquet);
        var (capture, writer) = (Usage.Of(pipeline.Capture!.Id), Usage.Of(pipeline.Writer!.Id));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"CPU s, peak RSS: capture {capture}, writer {writer}; {changesPerSecond} changes/s meanwhile; the source kept at most {retained >> 20} MiB of log"));
        Console.WriteLine(await pipeline.BufferAsync<string>("""
            select format('in the buffer after %s s, in %s batches, the lake''s last after %s s; the ledger''s largest wait %s MiB',
                round(extract(epoch from max(c.finished_at) - min(c.started_at)), 1), (select count(*) from philotes.batch where state = 'committed'),
                round(extract(epoch from (select max(committed_at) from philotes.batch) - min(c.started_at)), 1), (select round(max(byte_count) / 1048576) from philotes.batch))
            from philotes.table_copy c
            """, cancellationToken));
    }

    private static void Print(CopyShape shape, long rows, double bytes, TimeSpan elapsed, double nothing, double? parquet) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| P7 copy of {rows:N0} rows `{shape.Name}` | {elapsed.TotalSeconds:F1} s | {rows / elapsed.TotalSeconds:N0} rows/s, {bytes / elapsed.TotalSeconds / 1e6:F0} MB/s | COPY to nothing {nothing:N0}, ratio {rows / elapsed.TotalSeconds / nothing:F2} | {(parquet is { } limit ? $"COPY into DuckDB's Parquet {limit:N0}, ratio {rows / elapsed.TotalSeconds / limit:F2}" : "")} |"));

    private static async Task FillAsync(Pipeline pipeline, CopyShape shape, long rows, CancellationToken cancellationToken)
    {
        const long Piece = 1_000_000;
        await ExecuteAsync(pipeline, shape.Create, cancellationToken);
        for (var first = 1L; first <= rows; first += Piece)
        {
            await ExecuteAsync(pipeline, shape.Insert(first, Math.Min(rows, first + Piece - 1)), cancellationToken);
        }

        await ExecuteAsync(pipeline, $"vacuum analyze {CopyShape.Table}", cancellationToken);
        await ExecuteAsync(pipeline, "checkpoint", cancellationToken);
    }

    /// <summary>Changes of a table of their own, ten times a second.</summary>
    private static async Task ChangeAsync(Pipeline pipeline, int perSecond, CancellationToken stop)
    {
        await ExecuteAsync(pipeline, "create table if not exists busy (id bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(), note text not null)", stop);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            await ExecuteAsync(pipeline, string.Create(CultureInfo.InvariantCulture, $"insert into busy (note) select repeat('x', 60) from generate_series(1, {perSecond / 10})"), CancellationToken.None);
            try
            {
                await tick.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static Task<long> RetainedAsync(Pipeline pipeline, CancellationToken cancellationToken) => SourceAsync<long>(pipeline,
        "select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)::bigint from pg_replication_slots where not temporary and database = current_database()", cancellationToken);

    private static async Task<T> SourceAsync<T>(Pipeline pipeline, string sql, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(Pipeline pipeline, string sql, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

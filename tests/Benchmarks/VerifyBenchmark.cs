using System.Diagnostics;
using System.Globalization;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>
/// One changed digit in a large table: rows are copied into the lake, one of them changes without the stream, and <c>philotes verify hash</c> must name
/// it. The time is the command's, from its start to its end; memory is the peak resident set of its process, with <c>writer.memory</c> at 1 GiB.
/// </summary>
internal static class VerifyBenchmark
{
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(int rows, CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_wal_size"] = "8GB", ["shared_buffers"] = "512MB" });
        await using var pipeline = await Pipeline.CreateAsync(server, server, "", cancellationToken);
        var clock = Stopwatch.StartNew();
        await ExecuteAsync(pipeline, string.Create(CultureInfo.InvariantCulture, $"""
            create table large (id bigint primary key, customer int not null, amount numeric(12,2) not null, updated_at timestamptz not null, note text);
            insert into large select i, i % 10000, (i % 100000) / 100.0, '2024-01-01'::timestamptz + i * interval '1 second', 'note ' || i from generate_series(1, {rows}) as i
            """), cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows at the source after {clock.Elapsed.TotalSeconds:F0} s"));
        pipeline.StartCapture();
        pipeline.StartWriter();
        await Until.TrueAsync(() => pipeline.BufferAsync<bool>("select count(*) = 1 and coalesce(bool_and(state = 'active'), false) from philotes.v_copy", cancellationToken), pipeline.Describe, cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"in the lake after {clock.Elapsed.TotalSeconds:F0} s"));
        await pipeline.Writer!.TerminateAsync(cancellationToken);
        await pipeline.Capture!.TerminateAsync(cancellationToken);
        await VerifyAsync("equal", pipeline, cancellationToken);
        await pipeline.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"update large set amount = amount + 0.01 where id = {rows / 3 * 2}"), cancellationToken);
        await VerifyAsync("one digit changed", pipeline, cancellationToken);
    }

    private static async Task VerifyAsync(string what, Pipeline pipeline, CancellationToken cancellationToken)
    {
        // Nothing captures any more: the buffer is told that it has all there is, so that what differs is what the lake lacks.
        await pipeline.BufferAsync<object>($"update philotes.source set durable_lsn = '{await pipeline.SourcePositionAsync(cancellationToken)}'::pg_lsn + 100000000 returning 1", cancellationToken);
        var clock = Stopwatch.StartNew();
        await using var verify = ProgramProcess.Run("Cli", Programs.Find("Cli"), null, "verify", "hash", "--table", "large", "--config", pipeline.ConfigurationFile, "--set", "writer.memory=1GiB");
        var usage = new Usage(0, 0);
        while (!verify.HasExited)
        {
            usage = UsageOf(verify.Id) ?? usage;
            await Task.Delay(Sample, cancellationToken);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {clock.Elapsed.TotalSeconds:F1} s | CPU s, peak RSS: {usage} | exit code {verify.ExitCode} |"));
        Console.WriteLine(verify.Output);
    }

    private static async Task ExecuteAsync(Pipeline pipeline, string sql, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null: it has just ended.</summary>
    private static Usage? UsageOf(int processId)
    {
        try
        {
            return Usage.Of(processId);
        }
        catch (Exception ended) when (ended is IOException or InvalidOperationException)
        {
            return null;
        }
    }
}

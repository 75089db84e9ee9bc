using System.Diagnostics;
using System.Globalization;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>P6: many tables with one change a second each, one writer; its processor time and its commits a table and minute once everything is under way.</summary>
internal static class ManyTables
{
    public static async Task RunAsync(int tables, TimeSpan window, CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(fsync: true);
        await using var pipeline = await Pipeline.CreateAsync(server, server, new PipelineShape(MaxAge: "1m", Defaults: "  copy: never"), cancellationToken);
        await pipeline.ExecuteAsync($"""
            do $$ begin for i in 1..{tables} loop execute format('create table t%s (id bigint primary key, at timestamptz not null default clock_timestamp())', i); end loop; end $$;
            create procedure change(n bigint) language plpgsql as $$ begin for i in 1..{tables} loop execute format('insert into t%s (id) values ($1)', i) using n; end loop; end $$;
            """, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changing = ChangeAsync(pipeline, stop.Token);
        // Every table is made and committed once, which is not the steady state.
        await Until.TrueAsync(
            async () => await pipeline.BufferAsync<long>("select count(*) from philotes.table_cursor where committed_seq > 0", cancellationToken) == tables, pipeline.Describe, cancellationToken);

        var (writer, capture, catalog) = (Usage.Of(pipeline.Writer!.Id), Usage.Of(pipeline.Capture!.Id), Usage.Of(pipeline.Catalog!.Id));
        var before = await CommittedAsync(pipeline, cancellationToken);
        var watch = Stopwatch.StartNew();
        await Task.Delay(window, cancellationToken);
        var minutes = watch.Elapsed.TotalMinutes;
        var commits = await CommittedAsync(pipeline, cancellationToken) - before;
        string Share(ProgramProcess process, Usage earlier) => string.Create(CultureInfo.InvariantCulture, $"{(Usage.Of(process.Id).CpuSeconds - earlier.CpuSeconds) / watch.Elapsed.TotalSeconds:P0}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"P6 {tables} tables at 1 change/s, max_age 1m: {commits / minutes / tables:F2} commits a table and minute; of one core: writer {Share(pipeline.Writer, writer)}, capture {Share(pipeline.Capture, capture)}, catalog {Share(pipeline.Catalog, catalog)}; writer's peak {Usage.Of(pipeline.Writer.Id).PeakBytes >> 20} MiB"));
        await stop.CancelAsync();
        await changing;
    }

    private static Task<long> CommittedAsync(Pipeline pipeline, CancellationToken cancellationToken) => pipeline.BufferAsync<long>("select count(*) from philotes.batch where state = 'committed'", cancellationToken);

    private static async Task ChangeAsync(Pipeline pipeline, CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var n = 1L; !stop.IsCancellationRequested; n++)
        {
            await pipeline.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"call change({n})"), CancellationToken.None);
            try
            {
                await second.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}

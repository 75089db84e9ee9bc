using System.Diagnostics;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>
/// Source, buffer, catalog and store on this machine, the two programs as processes. The limit of capture is pg_recvlogical writing the
/// same stream to a file; the limit of the writer is reading the same rows out of the buffer and doing nothing with them.
/// </summary>
internal sealed class BenchmarkRun : IAsyncDisposable
{
    private const string Table = """
        create table narrow (id bigint primary key, customer int not null, amount numeric(12,2) not null, updated_at timestamptz not null,
                             note text, hash uuid not null, status int not null, active boolean not null);
        """;

    private const string Insert = """
        insert into narrow
        select i, i % 10000, (i % 100000) / 100.0, '2024-01-01'::timestamptz + i * interval '1 second', 'note ' || i, md5(i::text)::uuid, i % 5, i % 2 = 0
        from generate_series($1::bigint, $2::bigint) i
        """;

    private const int LoadTransactionRows = 1_000;
    private readonly PostgresServer _server;

    private BenchmarkRun(PostgresServer server) => _server = server;

    public static async Task<BenchmarkRun> StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new BenchmarkRun(await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_wal_size"] = "8GB", ["shared_buffers"] = "512MB" }, fsync: true));
    }

    /// <summary>P1 and P2 over one backlog: one transaction of <paramref name="rows"/> rows that waits in the slot, then in the buffer.</summary>
    public async Task<IReadOnlyList<Measurement>> BacklogAsync(int rows, CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(_server, _server, "", cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        await TakeSlotAsync(pipeline, cancellationToken);
        var limitSlot = await ReceiveLogical.CreateSlotAsync(pipeline, cancellationToken);
        await InsertAsync(pipeline, 1, rows, cancellationToken);
        var target = await pipeline.SourcePositionAsync(cancellationToken);

        var limit = await ReceiveLogical.MeasureAsync(pipeline, limitSlot, target, cancellationToken);
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        var captured = Stopwatch.StartNew();
        await pipeline.DurableAsync(target, cancellationToken);
        var capture = new Measurement("P1 capture of a backlog", rows, captured.Elapsed, "pg_recvlogical to a file", rows / limit.TotalSeconds, Usage.Of(pipeline.Capture!.Id));
        await pipeline.Capture.TerminateAsync(cancellationToken);

        var read = await BufferRead.MeasureAsync(pipeline, cancellationToken);
        pipeline.StartWriter();
        await pipeline.CommittedAsync(cancellationToken);
        var write = new Measurement("P2 buffer to committed changelog", rows, await WriterElapsedAsync(pipeline, cancellationToken), "COPY out of the buffer, thrown away", rows / read.TotalSeconds, Usage.Of(pipeline.Writer!.Id));
        return [capture, write];
    }

    /// <summary>P3: both processes run while the source commits <paramref name="rows"/> changes in transactions of 1,000; the clock stops when the lake has the last.</summary>
    public async Task<Measurement> LoadAsync(int rows, CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(_server, _server, "", cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        var elapsed = Stopwatch.StartNew();
        for (var first = 1; first <= rows; first += LoadTransactionRows)
        {
            await InsertAsync(pipeline, first, Math.Min(first + LoadTransactionRows - 1, rows), cancellationToken);
        }

        var produced = elapsed.Elapsed;
        await pipeline.CatchUpAsync(cancellationToken);
        return new Measurement("P3 end to end under load", rows, elapsed.Elapsed, "the source's own inserts in this run", rows / produced.TotalSeconds,
            Usage.Of(pipeline.Capture!.Id) + Usage.Of(pipeline.Writer!.Id));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();


    /// <summary>Lets capture make its publication and slot, so that the backlog waits in a slot of its own.</summary>
    private static async Task TakeSlotAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        await pipeline.Capture!.TerminateAsync(cancellationToken);
    }

    private static async Task InsertAsync(Pipeline pipeline, long first, long last, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand(Insert);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>From the first claim to the last commit, by the buffer's clock: the start of the process is not the writer's speed.</summary>
    private static async Task<TimeSpan> WriterElapsedAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Buffer.CreateCommand("select max(committed_at) - min(claimed_at) from philotes.batch");
        return (TimeSpan)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

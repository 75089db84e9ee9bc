using System.Globalization;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The network between capture and the source, and between capture and the buffer, is cut while tables are copied under load.</summary>
[NonParallelizable]
public sealed class CopyNetworkTests
{
    private const int Connections = 2;
    private const int CutsMax = 6;
    private const int Rows = 40_000;
    private const int PartRowsMax = 2_000;

    [TestCase(1)]
    [TestCase(2)]
    [CancelAfter(300_000)]
    public async Task Whatever_is_cut_a_copy_goes_on_and_reads_no_finished_part_again(int seed, CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await using var source = TcpProxy.Start(Servers.Source.Host, Servers.Source.Port);
        await using var buffer = TcpProxy.Start(Servers.Buffer.Host, Servers.Buffer.Port);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        // A source that hears nothing for three seconds gives a connection up, and so does who reads it.
        await pipeline.ExecuteAsync($"alter database {await NameAsync(pipeline, cancellationToken)} set wal_sender_timeout = '3s'", cancellationToken);
        var truth = new Truth(clients: 4);
        var workload = new Workload(pipeline.Source, truth, seed, pauseMax: 300);
        await workload.LargeTransactionAsync(Rows, cancellationToken);
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        pipeline.StartCapture(
            null, "--set", Setting("source.connection.port", source.Port), "--set", Setting("buffer.connection.port", buffer.Port), "--set", Setting("source.copy.connections", Connections),
            "--set", "source.copy.chunk_bytes=64KiB", "--set", "source.copy.max_bytes_per_second=256KiB");
        pipeline.StartWriter();
        await Until.TrueAsync(async () => await DoneAsync(pipeline, cancellationToken) >= 2, pipeline.Describe, cancellationToken);

        var random = new Random(seed);
        var (cuts, done) = (0, new Dictionary<string, DateTime>());
        while (cuts < CutsMax && await CopyingAsync(pipeline, cancellationToken))
        {
            foreach (var (part, at) in await FinishedAsync(pipeline, cancellationToken))
            {
                done.TryAdd(part, at);
            }

            await CutAsync(source, buffer, random, cancellationToken);
            cuts++;
            await Task.Delay(random.Next(200, 2_500), cancellationToken);
        }

        await Until.TrueAsync(async () => !await CopyingAsync(pipeline, cancellationToken), pipeline.Describe, cancellationToken);

        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);
        var finished = await FinishedAsync(pipeline, cancellationToken);
        var written = await pipeline.BufferAsync<long>("select count(*) from philotes.event e cross join lateral philotes.block_rows(e.new_row) where e.op = 'b'", cancellationToken)
            + await pipeline.BufferAsync<long>("select count(*) from philotes.event where op = 'r'", cancellationToken);
        var published = await pipeline.BufferAsync<long>("select sum(row_count)::bigint from philotes.copy_range", cancellationToken);
        TestContext.Out.WriteLine($"{cuts} cuts, {published} rows published, {written - published} written for nothing, {truth.Count} changes");
        Assert.That(cuts, Is.GreaterThanOrEqualTo(3), "the copy must have been long enough to be hit");
        Assert.That(await pipeline.BufferAsync<int>("select max(attempt) from philotes.table_copy", cancellationToken), Is.EqualTo(1), "the snapshot outlived every cut");
        Assert.That(done.Where(part => finished[part.Key] != part.Value), Is.Empty, "a finished part stays as it is");
        Assert.That(written - published, Is.InRange(0, cuts * Connections * PartRowsMax), "no more is read again than the parts in work");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    private static async Task CutAsync(TcpProxy source, TcpProxy buffer, Random random, CancellationToken cancellationToken)
    {
        var (first, second) = random.Next(3) switch { 0 => (source, null), 1 => (buffer, null), _ => (source, (TcpProxy?)buffer) };
        if (random.Next(2) == 0)
        {
            first.Cut();
            second?.Cut();
            return;
        }

        // Shorter than anybody's patience, or longer.
        first.Hang();
        second?.Hang();
        await Task.Delay(random.Next(500, 6_000), cancellationToken);
        if (random.Next(2) == 0)
        {
            first.Cut();
            second?.Cut();
        }

        first.GoOn();
        second?.GoOn();
    }

    private static async Task<string> NameAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand("select quote_ident(current_database())");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static Task<long> DoneAsync(Pipeline pipeline, CancellationToken cancellationToken) =>
        pipeline.BufferAsync<long>("select count(*) from philotes.copy_range where done_at is not null", cancellationToken);

    private static Task<bool> CopyingAsync(Pipeline pipeline, CancellationToken cancellationToken) =>
        pipeline.BufferAsync<bool>("select exists (select from philotes.table_copy where state in ('waiting', 'copying'))", cancellationToken);

    private static async Task<Dictionary<string, DateTime>> FinishedAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Buffer.CreateCommand("select table_id || ' ' || attempt || ' ' || ordinal, done_at from philotes.copy_range where done_at is not null");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new Dictionary<string, DateTime>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parts.Add(reader.GetString(0), reader.GetDateTime(1));
        }

        return parts;
    }

    private static string Setting(string key, int value) => string.Create(CultureInfo.InvariantCulture, $"{key}={value}");
}

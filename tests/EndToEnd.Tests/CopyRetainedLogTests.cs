using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The log that a source keeps for capture while tables are copied under load.</summary>
[NonParallelizable]
public sealed class CopyRetainedLogTests
{
    private const int ChangesPerSecond = 2_000;
    private const int ChangesPerTransaction = 100;
    private const double RetainedMax = 256 << 20;

    /// <summary>
    /// The copy is so slow that it goes on until the clients have written more log than the bound, so a stream that waited for it would be seen. The server lets go of the log only every
    /// 15 seconds, when it writes down which transactions run, so what it keeps is some 30 seconds' worth at most, whoever reads.
    /// </summary>
    private static readonly string Filled = $"""
        create table existing (id int primary key, pad text);
        insert into existing select i, repeat(md5(i::text), 16) from generate_series(1, 52000) i;
        create table busy (id int primary key, n int not null, pad text); alter table busy alter pad set storage external;
        insert into busy select i, 0, 'x' from generate_series(1, {ChangesPerTransaction}) i;
        """;

    [Test]
    [CancelAfter(400_000)]
    public async Task It_stays_bounded_because_the_stream_does_not_wait_for_the_copy(CancellationToken cancellationToken)
    {
        await using var source = await PostgresServer.StartAsync();
        await using var pipeline = await Pipeline.CreateAsync(source, Servers.Buffer, cancellationToken: cancellationToken);
        await pipeline.ExecuteAsync(Filled, cancellationToken);
        pipeline.StartCapture(null, "--set", "source.copy.chunk_bytes=256KiB", "--set", "source.copy.max_bytes_per_second=64KiB");
        await Until.TrueAsync(async () => await pipeline.BufferAsync<bool>("select count(*) filter (where state = 'copying') > 0 and count(*) filter (where state = 'active') > 0 from philotes.table_copy", cancellationToken), pipeline.Describe, cancellationToken);
        using var stop = new CancellationTokenSource();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var load = LoadAsync(pipeline, stop.Token);
        var begin = await NumberAsync(pipeline, "select pg_current_wal_lsn() - '0/0'", cancellationToken);
        var (most, written) = (0.0, 0.0);
        while (written < RetainedMax * 1.3)
        {
            await Task.Delay(200, cancellationToken);
            most = Math.Max(most, await NumberAsync(pipeline, "select max(pg_current_wal_lsn() - restart_lsn) from pg_replication_slots where database = current_database() and not temporary", cancellationToken));
            written = await NumberAsync(pipeline, "select pg_current_wal_lsn() - '0/0'", cancellationToken) - begin;
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var copying = await pipeline.BufferAsync<bool>("select exists (select from philotes.table_copy where state = 'copying')", cancellationToken);
        await stop.CancelAsync();
        var changes = await load;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"copied for {seconds:F0} s beside {changes / seconds:F0} changes/s: {written / (1 << 20):F0} MiB of log written, {most / (1 << 20):F0} MiB retained at most"));
        Assert.That(copying, Is.True, "so much would be retained if the stream waited");
        Assert.That(most, Is.InRange(1.0, RetainedMax));
    }

    private static async Task<long> LoadAsync(Pipeline pipeline, CancellationToken stop)
    {
        await using var connection = await pipeline.Source.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("update busy set n = n + 1, pad = $1", connection);
        var pad = command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        // What could not be done in time is not made up for: no half minute has more than its share.
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)ChangesPerTransaction / ChangesPerSecond));
        for (var changes = 0L; ; changes += ChangesPerTransaction)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            if (stop.IsCancellationRequested)
            {
                return changes;
            }

            pad.Value = new string((char)('a' + (changes / ChangesPerTransaction % 26)), 2_400);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<double> NumberAsync(Pipeline pipeline, string sql, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken) is decimal number ? (double)number : 0;
    }
}

using Npgsql;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

internal sealed class CrashTests
{
    private const int Rounds = 4;

    [Test]
    public async Task A_buffer_killed_in_the_middle_of_flushes_keeps_what_it_acknowledged_and_tears_nothing()
    {
        await using var server = await PostgresServer.StartAsync(fsync: true);
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()).Database!;
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            await using var db = NpgsqlDataSource.Create(server.ConnectionString(database));
            await new SchemaMigrator(db).UpAsync();
            using var stop = new CancellationTokenSource();
            var underWay = new TaskCompletionSource();
            var flushing = FlushUntilItBreaksAsync(db, underWay, stop.Token);
            await Task.WhenAny(underWay.Task, flushing);
            await Task.Delay(random.Next(150, 700));
            await server.CrashAndRestartAsync();
            await stop.CancelAsync();
            var acknowledged = await flushing;

            await using var after = NpgsqlDataSource.Create(server.ConnectionString(database));
            var source = (await new SourceRegistry(after).FindAsync("shop"))!;
            Assert.That(source.Durable, Is.GreaterThanOrEqualTo(acknowledged), $"round {round}");
            await LedgerInvariants.CheckAsync(after);
            await AllIsReadableAsync(after);
        }
    }

    // Each transaction's LSN is the number of rows that it brings the buffer to, so the watermark says what must be there.
    private static async Task<Lsn> FlushUntilItBreaksAsync(NpgsqlDataSource db, TaskCompletionSource underWay, CancellationToken stop)
    {
        var registry = new SourceRegistry(db);
        var source = await registry.EnsureAsync("shop", "s", "p", stop);
        var schema = BufferFixture.Schema(16400);
        var table = await registry.EnsureTableAsync(source.SourceId, schema, cancellationToken: stop);
        var version = await registry.EnsureSchemaAsync(table, schema, new Lsn(1), default, stop);
        await using var appender = new BufferAppender(db);
        var durable = (await appender.BeginAsync(source.SourceId, "crash", stop)).Durable;
        underWay.SetResult();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var next = new Lsn(durable.Value + 500);
                using var chunk = appender.OpenChunk(table, version);
                for (var i = 0; i < 500; i++)
                {
                    chunk.Append(ChangeKind.Insert, next, i, 1, BufferFixture.Timestamp, default, false, BufferFixture.Tuple($"{i}", "some text"), true);
                }

                durable = (await appender.FlushAsync([chunk], next, stop)).Value;
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException)
        {
            return durable;
        }

        return durable;
    }

    private static async Task AllIsReadableAsync(NpgsqlDataSource db)
    {
        var ledger = new BatchLedger(db);
        while (await ledger.ClaimAsync("w", BufferFixture.Limits) is { } batch)
        {
            await new BatchReader(db).ReadAsync(batch, (in EventRow _) => { });
            await ledger.StageAsync(batch, "{}", batch.BatchId, Guid.NewGuid());
            await ledger.FinishAsync(batch, batch.BatchId);
        }

        await using var command = db.CreateCommand("select k.rows_out = (s.durable_lsn - '0/0')::bigint from philotes.table_cursor as k, philotes.source as s");
        Assert.That(await command.ExecuteScalarAsync(), Is.True, "every transaction below the watermark, once");
    }
}

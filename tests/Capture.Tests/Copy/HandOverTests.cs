using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>
/// Random clients change a table while it is taken up and copied. Whatever ran: folding what arrived gives the source, every row came once
/// as read or insert, and each key's versions follow one another without a gap.
/// </summary>
internal sealed class HandOverTests
{
    private const int Clients = 4;

    [Test]
    public async Task Every_history_is_right_whatever_ran_while_the_table_was_copied([Range(1, 12)] int seed)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var token = deadline.Token;
        var random = new Random(seed);
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BytesPerSecondMax = random.Next(2) == 0 ? null : 150_000, Connections = random.Next(1, 4) } };
        await rig.ExecuteAsync($"""
            create table t (id int primary key, version int not null, pad text);
            insert into t select i * {Clients}, 1, repeat('x', {random.Next(1, 3000)}) from generate_series(1, {random.Next(20, 150)}) i;
            """, token);
        using var stop = new CancellationTokenSource();
        // Some run before the slot exists, some transactions are open while it is made.
        var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(rig.Source, client, new Random((seed * 100) + client), stop.Token)));
        await Task.Delay(random.Next(0, 100), token);
        await using var capture = await rig.StartAsync(token);
        await Task.Delay(random.Next(0, 400), token);
        await rig.ExecuteAsync("create table late (like t including all); insert into late select * from t limit 10", token);
        await Task.Delay(random.Next(0, 400), token);
        await stop.CancelAsync();
        await clients;
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(2, token);

        await CheckVersionsAsync(rig, token);
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
        Assert.That(await rig.FoldAsync("late", token), Is.EqualTo(await rig.SourceRowsAsync("late", token)));
    }

    private static async Task CheckVersionsAsync(CaptureRig rig, CancellationToken token)
    {
        var versions = new Dictionary<string, int>();
        foreach (var change in (await rig.EventsAsync(token)).Where(change => change is { Table: "t", Op: not 'd' }))
        {
            var version = int.Parse(change.New![1]!, CultureInfo.InvariantCulture);
            if (change.Op == 'u')
            {
                Assert.That(version, Is.EqualTo(versions[(change.Old ?? change.New)[0]!] + 1), $"{change} at {change.CommitLsn}");
            }

            versions[change.New[0]!] = version;
        }
    }

    private static async Task ClientAsync(NpgsqlDataSource source, int client, Random random, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                await StepAsync(connection, client, random);
                await Task.Delay(random.Next(10) == 0 ? random.Next(0, 60) : 0, CancellationToken.None);
            }

            if (random.Next(6) == 0)
            {
                await transaction.RollbackAsync(CancellationToken.None);
            }
            else
            {
                await transaction.CommitAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>A client changes only keys of its own, so that no two wait for each other.</summary>
    private static async Task StepAsync(NpgsqlConnection connection, int client, Random random)
    {
        var key = (random.Next(1, 160) * Clients) + client;
        var other = (random.Next(1, 160) * Clients) + client;
        var sql = random.Next(7) switch
        {
            0 or 1 => $"insert into t values ({key}, 1, repeat('n', {random.Next(1, 2000)})) on conflict do nothing",
            2 or 3 => $"update t set version = version + 1 where id = {key}",
            4 => $"update t set id = {other}, version = version + 1 where id = {key} and not exists (select from t where id = {other})",
            5 => $"delete from t where id = {key}",
            _ => $"savepoint s; update t set version = version + 1 where id = {key}; insert into t values ({other}, 1, 'lost') on conflict do nothing; rollback to s; update t set pad = 'p', version = version + 1 where id = {other}",
        };
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

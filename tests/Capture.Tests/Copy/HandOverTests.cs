using System.Globalization;
using Npgsql;

namespace Philotes.Capture.Tests.Copy;

/// <summary>
/// Random clients change tables while they are taken up and copied, a few rows at a time. Whatever ran: folding what arrived gives the source,
/// every row came once as read or insert, and each key's versions follow one another without a gap. A program is a table of a seed.
/// </summary>
internal sealed class HandOverTests
{
    private const int Clients = 6;
    private const int Tables = 42;

    /// <summary>12 seeds of 42 tables: 504 programs.</summary>
    [Test]
    public async Task Every_history_is_right_whatever_ran_while_the_tables_were_copied([Range(1, 12)] int seed)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        await using var rig = await CopyRig.CreateAsync(deadline.Token);
        await ProgramsAsync(rig, seed, deadline.Token);
    }

    /// <summary>The same with rows that come from a standby, whose replay is where it is while the primary goes on.</summary>
    [Test]
    public async Task Every_history_is_right_when_rows_are_read_from_a_standby([Range(1, 3)] int seed, [Values(15, 17)] int version)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        await using var servers = await Standby.StartAsync(version: version);
        await using var rig = await servers.RigAsync(deadline.Token);
        await ProgramsAsync(rig, seed, deadline.Token, breakMs: 60);
    }

    /// <param name="breakMs">Between two transactions of a client, at most.</param>
    private static async Task ProgramsAsync(CaptureRig rig, int seed, CancellationToken token, int breakMs = 0)
    {
        var random = new Random(seed);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BytesPerSecondMax = random.Next(2) == 0 ? null : 1_500_000, Connections = random.Next(1, 4) } };
        foreach (var table in Enumerable.Range(0, Tables))
        {
            await rig.ExecuteAsync($"""
                create table t{table} (id int primary key, version int not null, pad text);
                insert into t{table} select i * {Clients}, 1, repeat('x', {random.Next(1, 3000)}) from generate_series(1, {random.Next(1, 60)}) i;
                """, token);
        }

        using var stop = new CancellationTokenSource();
        // Some run before the slot exists, some transactions are open or prepared while it is made.
        var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(rig.Source, client, new Random((seed * 100) + client), breakMs, stop.Token)));
        await Task.Delay(random.Next(0, 100), token);
        await using var capture = await rig.StartAsync(token);
        await Task.Delay(random.Next(0, 600), token);
        await rig.ExecuteAsync("create table late (like t0 including all); insert into late select * from t0 limit 10", token);
        await Task.Delay(random.Next(0, 600), token);
        // Some of these lie before the point and are left out.
        await CaptureRig.UntilAsync(
            async () => await rig.BufferAsync<long>("select coalesce(sum(row_count), 0)::bigint from (select row_count from philotes.chunk where not copied union all select row_count from philotes.held_chunk) c", token) > 300, token);
        await stop.CancelAsync();
        await clients;
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(Tables + 1, token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Count(change => change.Op != 'r'), Is.GreaterThan(100), "the clients must have done something");
        foreach (var table in Enumerable.Range(0, Tables).Select(table => $"t{table}").Append("late"))
        {
            CheckVersions(events.Where(change => change.Table == table));
            Assert.That(CopyRig.Fold(events, table), Is.EqualTo(await rig.SourceRowsAsync(table, token)), table);
        }
    }

    private static void CheckVersions(IEnumerable<CapturedEvent> changes)
    {
        var versions = new Dictionary<string, int>();
        foreach (var change in changes.Where(change => change.Op != 'd'))
        {
            var version = int.Parse(change.New![1]!, CultureInfo.InvariantCulture);
            if (change.Op == 'u')
            {
                Assert.That(version, Is.EqualTo(versions[(change.Old ?? change.New)[0]!] + 1), $"{change} at {change.CommitLsn}");
            }

            versions[change.New[0]!] = version;
        }
    }

    private static async Task ClientAsync(NpgsqlDataSource source, int client, Random random, int breakMs, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            await ExecuteAsync(connection, "begin");
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                await ExecuteAsync(connection, Step(client, random));
                await Task.Delay(random.Next(10) == 0 ? random.Next(0, 60) : 0, CancellationToken.None);
            }

            await EndAsync(connection, client, random);
            await Task.Delay(random.Next(0, breakMs + 1), CancellationToken.None);
        }
    }

    /// <summary>Committed, rolled back, or in two phases: a prepared transaction belongs to no session.</summary>
    private static async Task EndAsync(NpgsqlConnection connection, int client, Random random)
    {
        var end = random.Next(6) == 0 ? "rollback" : "commit";
        if (random.Next(5) > 0)
        {
            await ExecuteAsync(connection, end);
            return;
        }

        var name = $"{connection.Database} {client}";
        await ExecuteAsync(connection, $"prepare transaction '{name}'");
        await Task.Delay(random.Next(0, 100), CancellationToken.None);
        await ExecuteAsync(connection, $"{end} prepared '{name}'");
    }

    /// <summary>A client changes only keys of its own, so that no two wait for each other.</summary>
    private static string Step(int client, Random random)
    {
        var table = $"t{random.Next(Tables)}";
        var key = (random.Next(1, 64) * Clients) + client;
        var other = (random.Next(1, 64) * Clients) + client;
        return random.Next(7) switch
        {
            0 or 1 => $"insert into {table} values ({key}, 1, repeat('n', {random.Next(1, 2000)})) on conflict do nothing",
            2 or 3 => $"update {table} set version = version + 1 where id = {key}",
            4 => $"update {table} set id = {other}, version = version + 1 where id = {key} and not exists (select from {table} where id = {other})",
            5 => $"delete from {table} where id = {key}",
            _ => $"savepoint s; update {table} set version = version + 1 where id = {key}; insert into {table} values ({other}, 1, 'lost') on conflict do nothing; rollback to s; update {table} set pad = 'p', version = version + 1 where id = {other}",
        };
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

using Philotes.Testing;
using System.Globalization;
using Npgsql;

namespace Philotes.EndToEnd.Tests;

/// <summary>
/// Random transactions over tables of every kind: inserts, updates, key changes, deletes and re-inserts of deleted keys, rolled-back
/// transactions and savepoints. Every row carries its key's version and the transaction that wrote it.
/// </summary>
/// <param name="pauseMax">Longest wait of a client between two transactions, in milliseconds.</param>
internal sealed class Workload(NpgsqlDataSource source, Truth truth, int seed, int pauseMax = 15)
{
    /// <summary>Tables by name as Postgres knows it; the second has values that are TOASTed, the third REPLICA IDENTITY FULL, the last no key.</summary>
    public static readonly string[] Tables = ["hot", "toasted", "full_identity", "We\"ird. Näme", "append_only"];

    private const string Savepoint = "part";

    public static string Schema => string.Join('\n', Tables.Select(table => table == "append_only"
        ? "create table append_only (key bigint not null, version int not null, tx uuid not null, payload text);"
        : $"create table {Quote(table)} (key bigint primary key, version int not null, tx uuid not null, payload text);"))
        + "\nalter table full_identity replica identity full;\nalter table toasted alter payload set storage external;";

    /// <summary>Runs every client but the last until <paramref name="stop"/>; returns when each has finished its last transaction.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, truth.Clients - 1).Select(client => ClientAsync(client, stop)));

    /// <summary>One transaction of <paramref name="rows"/> inserts, to be larger than any flush; the last client's, which does nothing else.</summary>
    public async Task LargeTransactionAsync(int rows, CancellationToken cancellationToken)
    {
        var client = truth.Clients - 1;
        var tx = Guid.NewGuid();
        var first = (1_000_000_000L + (seed * 1_000_000L)) * truth.Clients + client;
        await using var command = source.CreateCommand("insert into hot select $1 + i * $2, 1, $3, repeat('x', 20) from generate_series(0, $4 - 1) i");
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue((long)truth.Clients);
        command.Parameters.AddWithValue(tx);
        command.Parameters.AddWithValue(rows);
        await command.ExecuteNonQueryAsync(cancellationToken);
        truth.Append(client, Enumerable.Range(0, rows).Select(i => ("hot", new Change("insert", first + ((long)i * truth.Clients), 1, tx))));
    }

    private async Task ClientAsync(int client, CancellationToken stop)
    {
        var random = new Random(seed * 100 + client);
        var live = Tables.ToDictionary(table => table, _ => new Dictionary<long, int>());
        while (!stop.IsCancellationRequested)
        {
            await TransactionAsync(client, random, live);
            await Task.Delay(random.Next(0, pauseMax), CancellationToken.None);
        }
    }

    private async Task TransactionAsync(int client, Random random, Dictionary<string, Dictionary<long, int>> live)
    {
        var tx = Guid.NewGuid();
        var after = live.ToDictionary(pair => pair.Key, pair => new Dictionary<long, int>(pair.Value));
        var changes = new List<(string, Change)>();
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var statements = random.Next(20) == 0 ? random.Next(200, 500) : random.Next(1, 12);
        for (var i = 0; i < statements; i++)
        {
            if (random.Next(20) == 0)
            {
                await RolledBackPartAsync(connection, transaction, client, random);
            }

            var table = random.Next(10) < 6 ? "hot" : Tables[random.Next(Tables.Length)];
            changes.Add((table, await ChangeAsync(connection, table, client, random, tx, after[table])));
        }

        if (random.Next(20) == 0)
        {
            await transaction.RollbackAsync();
            return;
        }

        await transaction.CommitAsync();
        truth.Append(client, changes);
        foreach (var (table, rows) in after)
        {
            live[table] = rows;
        }
    }

    private async Task RolledBackPartAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int client, Random random)
    {
        await transaction.SaveAsync(Savepoint);
        await RunAsync(connection, "insert into append_only values ($1, 0, $2, 'rolled back')", NewKey(random, client), Guid.NewGuid());
        await transaction.RollbackAsync(Savepoint);
    }

    private async Task<Change> ChangeAsync(NpgsqlConnection connection, string table, int client, Random random, Guid tx, Dictionary<long, int> rows)
    {
        var payload = Payload(table, random);
        var choice = random.Next(10);
        if (table == "append_only" || rows.Count < 5 || choice < 3)
        {
            var key = NewKey(random, client);
            while (rows.ContainsKey(key))
            {
                key = NewKey(random, client);
            }

            await RunAsync(connection, $"insert into {Quote(table)} values ($1, 1, $2, $3)", key, tx, payload);
            rows[key] = 1;
            return new Change("insert", key, 1, tx);
        }

        var old = rows.Keys.ElementAt(random.Next(rows.Count));
        var version = rows[old] + 1;
        if (choice < 5)
        {
            await RunAsync(connection, $"delete from {Quote(table)} where key = $1", old);
            rows.Remove(old);
            return new Change("delete", old, null, null);
        }

        var next = choice == 5 ? NewKey(random, client) : old;
        next = rows.ContainsKey(next) ? old : next;
        // Every second update leaves the payload alone: a large one is then not sent by the source.
        var set = random.Next(2) == 0 ? ", payload = $5" : "";
        await RunAsync(connection, $"update {Quote(table)} set key = $2, version = $3, tx = $4{set} where key = $1", set.Length > 0 ? [old, next, version, tx, payload] : [old, next, version, tx]);
        rows.Remove(old);
        rows[next] = version;
        return new Change("update", next, version, tx) { OldKey = old == next ? null : old };
    }

    private long NewKey(Random random, int client) => ((long)random.Next(100_000) * truth.Clients) + client;

    private static string Payload(string table, Random random) => table == "toasted"
        ? string.Concat(Enumerable.Range(0, 300).Select(_ => random.Next().ToString("x8", CultureInfo.InvariantCulture)))
        : random.Next().ToString(CultureInfo.InvariantCulture);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        await command.ExecuteNonQueryAsync();
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

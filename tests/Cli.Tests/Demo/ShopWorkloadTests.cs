using Npgsql;
using Philotes.Cli.Demo;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Demo;

/// <summary>The demo's own record must be right, or its comparison proves nothing: here it is held against the source itself.</summary>
public sealed class ShopWorkloadTests
{
    [Test, CancelAfter(120_000)]
    public async Task The_log_of_the_workload_replays_to_exactly_what_the_source_holds(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        foreach (var sql in Shop.CreateSql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        var log = new ShopLog();
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
            await new ShopWorkload(connection, log, TimeProvider.System).RunAsync(TimeSpan.FromSeconds(3), 300, _ => { }, cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(log.Of(Shop.Events), Has.Count.GreaterThan(50_000));
            Assert.That(log.Of(Shop.GiftCards).Any(change => change.OldKey is not null), Is.True, "a key was changed");
            foreach (var table in Shop.Tables)
                Assert.That(await CountAsync(database, table, cancellationToken), Is.EqualTo(Replay(table, log)), table.Name.ToString());
        }
    }

    [Test]
    public void A_difference_of_one_value_one_key_or_one_row_is_found()
    {
        var insert = new ShopChange(ChangeKind.Insert, ["c", "1", "2.00"], OldKey: null);
        var update = new ShopChange(ChangeKind.Update, ["d", null, "2.00"], OldKey: ["c"]);
        LakeRow[] right = [new("insert", ["c", "1", "2.00"], null), new("update", ["d", null, "2.00"], ["c"])];
        string? Difference(params LakeRow[] rows) => LakeComparison.Difference(Shop.GiftCards, [insert, update], rows);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Difference(right), Is.Null);
            Assert.That(Difference(right[0]), Does.Contain("2 changes expected, 1 found"));
            Assert.That(Difference(right[1], right[0]), Does.Contain("insert expected, update found"));
            Assert.That(Difference(right[0] with { Values = ["c", "1", null] }, right[1]), Does.Contain("amount (€)"));
            Assert.That(Difference(right[0], right[1] with { OldKey = null }), Does.Contain("old key"));
        }
    }

    static long Replay(ShopTable table, ShopLog log) => log.Of(table).Sum(change => change.Kind switch
    {
        ChangeKind.Insert => 1,
        ChangeKind.Delete => -1,
        _ => 0,
    });

    static async Task<long> CountAsync(NpgsqlDataSource database, ShopTable table, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from {table.Sql}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

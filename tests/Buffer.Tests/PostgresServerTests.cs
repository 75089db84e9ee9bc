using Npgsql;

namespace Philotes.Buffer.Tests;

internal sealed class PostgresServerTests
{
    [Test]
    public async Task A_crashed_server_starts_again_with_what_was_committed()
    {
        await using var server = await Testing.PostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "create table t as select 1 as id");

        await server.CrashAndRestartAsync();

        await using var source = NpgsqlDataSource.Create(server.ConnectionString(new NpgsqlConnectionStringBuilder(database).Database!));
        await using var count = source.CreateCommand("select count(*) from t");
        Assert.That(await count.ExecuteScalarAsync(), Is.EqualTo(1L));
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Text.RegularExpressions;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>`philotes dev` as a person runs it against a database of their own.</summary>
[NonParallelizable]
public sealed partial class DevTests
{
    [Test]
    [CancelAfter(400_000)]
    public async Task It_says_what_it_makes_shows_where_it_is_ends_cleanly_and_goes_on_where_it_ended(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"philotes-dev-{Guid.NewGuid():N}");
        var connection = await Servers.Source.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        await ExecuteAsync(source, "create table shop (id int primary key, name text)");
        try
        {
            foreach (var rows in new[] { 10, 20 })
            {
                await using var dev = ProgramProcess.Run("Cli", Programs.Find("Cli"), failpoints: null, "dev", "--source", connection, "--folder", folder);
                await SaysAsync(dev, "Created there if missing: publication philotes_dev and replication slot philotes_dev", cancellationToken);
                await Until.TrueAsync(() => IsTrueAsync(source, "select exists (select from pg_replication_slots where slot_name = 'philotes_dev' and active)"), () => dev.Output, cancellationToken);
                await ExecuteAsync(source, $"insert into shop select i, 'row ' || i from generate_series({rows - 9}, {rows}) i");
                await Until.TrueAsync(() => Task.FromResult(InLake().Match(dev.Output) is { Success: true } && InLake().Matches(dev.Output)[^1].Groups[1].Value == $"{rows}"), () => dev.Output, cancellationToken);

                if (rows == 10)
                    await SaysAsync(dev, "Existing rows are copied:", cancellationToken);
                else
                    Assert.That(dev.Output, Does.Not.Contain("Existing rows are copied:"), "the second run copies nothing");
                Assert.That(await dev.InterruptAsync(cancellationToken), Is.Zero, dev.Output);
                await Leftovers.NoneAsync(folder, Ports().Matches(dev.Output).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)), cancellationToken);
                Assert.That(await IsTrueAsync(source, "select exists (select from pg_replication_slots where slot_name = 'philotes_dev' and not active) and exists (select from pg_publication where pubname = 'philotes_dev')"), Is.True);
            }
        }
        finally
        {
            await ExecuteAsync(source, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'philotes_dev'");
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task What_stops_capture_is_said_and_is_the_exit_code(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"philotes-dev-{Guid.NewGuid():N}");
        var connection = new NpgsqlConnectionStringBuilder(await Servers.Source.CreateDatabaseAsync());
        await using (var admin = NpgsqlDataSource.Create(connection.ConnectionString))
        {
            await ExecuteAsync(admin, "create role dev_reader login password 'reader'");
        }

        (connection.Username, connection.Password) = ("dev_reader", "reader");
        try
        {
            await using var dev = ProgramProcess.Run("Cli", Programs.Find("Cli"), failpoints: null, "dev", "--source", connection.ConnectionString, "--folder", folder);

            Assert.That(await dev.ExitAsync(cancellationToken), Is.EqualTo(6), dev.Output);
            Assert.That(dev.Output, Does.Contain("PH121").And.Contain("alter role \"dev_reader\" replication;"));
            await Leftovers.NoneAsync(folder, [], cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task SaysAsync(ProgramProcess process, string words, CancellationToken cancellationToken) => Until.TrueAsync(
        () => Task.FromResult(process.HasExited ? throw new InvalidOperationException(process.Output) : process.Output.Contains(words, StringComparison.Ordinal)),
        () => process.Output, cancellationToken);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> IsTrueAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    [GeneratedRegex(@"buffered  ([\d,]+) in the lake")]
    private static partial Regex InLake();

    [GeneratedRegex(@"(?:-p |http://127\.0\.0\.1:)(\d+)")]
    private static partial Regex Ports();
}

using Npgsql;
using Philotes.Capture.Source;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Source;

/// <summary>10,000 hostile names as identifiers and literals of a real server.</summary>
public sealed class HostileNamesTests
{
    [Test]
    [CancelAfter(300_000)]
    public async Task A_quoted_name_is_the_name_that_the_server_knows(CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(await Servers.Postgres.CreateDatabaseAsync());
        foreach (var names in HostileNames.Of(seed: 9, count: 10_000).Chunk(1_000))
        {
            var columns = string.Join(", ", names.Select(name => $"'{Identifier.Literal(name)}' as {Identifier.Quote(name)}"));
            await using var command = database.CreateCommand($"select {columns}");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            Assert.That(await reader.ReadAsync(cancellationToken), Is.True);
            Assert.That(Enumerable.Range(0, reader.FieldCount).Select(reader.GetName), Is.EqualTo(names));
            Assert.That(Enumerable.Range(0, reader.FieldCount).Select(reader.GetString), Is.EqualTo(names));
            Assert.That(await reader.NextResultAsync(cancellationToken), Is.False, "one statement, whatever the names say");
        }
    }
}

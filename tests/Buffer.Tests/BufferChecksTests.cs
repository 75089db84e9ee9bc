using Npgsql;

namespace Philotes.Buffer.Tests;

/// <summary>Each check of <c>philotes doctor</c> at the buffer finds what it is for, and says how to repair it.</summary>
internal sealed class BufferChecksTests
{
    [Test]
    public async Task What_would_lose_commits_or_fill_the_buffer_is_found()
    {
        var connection = await BufferServer.Instance.CreateDatabaseAsync();
        await using var buffer = NpgsqlDataSource.Create(connection);
        await new SchemaMigrator(buffer).UpAsync();
        await using (var command = buffer.CreateCommand($"""
            alter database "{new NpgsqlConnectionStringBuilder(connection).Database}" set synchronous_commit = off;
            insert into philotes.source (name, slot_name, publication_name) values ('shop', 's', 'p');
            insert into philotes.source_table (source_id, relation_oid, schema_name, table_name) select source_id, 16400, 'public', 'orders' from philotes.source;
            insert into philotes.table_cursor (table_id, state, state_reason) select table_id, 'blocked', 'PH201' from philotes.source_table;
            """))
            await command.ExecuteNonQueryAsync();
        await using var anew = NpgsqlDataSource.Create(connection);
        var found = (await SqlChecks.RunAsync(anew, "buffer", BufferChecks.All, "s", "p", [], CancellationToken.None)).Select(finding => $"{finding.Id} {finding.Result} {finding.What} | {finding.Remedy}").ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found, Has.One.StartsWith("DR21 fail synchronous_commit is off | alter system set synchronous_commit = on;"));
            Assert.That(found, Has.Some.StartsWith("DR22 "));
            Assert.That(found, Has.One.StartsWith("DR25 warn table public.orders is blocked: PH201 | philotes explain PH201; then philotes tables resume public.orders --yes"));
            Assert.That(found.Where(finding => finding.Contains(" skip ", StringComparison.Ordinal)), Is.Empty);
        }
    }
}

using Npgsql;
using Philotes.Buffer;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Source;

/// <summary>Each check of <c>philotes doctor</c> at the source finds what it is for, and says how to repair it.</summary>
[CancelAfter(120_000)]
public sealed class SourceChecksTests
{
    [Test]
    public async Task What_is_wrong_with_tables_slots_and_the_role_is_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_replication_slots"] = "1", ["max_slot_wal_keep_size"] = "500MB" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, """
            create table a (id int primary key, note text); create table nokey (id int); alter table nokey replica identity nothing; create table unpublished (id int primary key);
            create schema philotes; create table philotes.event (id int primary key); create publication p for table a, nokey, philotes.event;
            create role weak login replication password 'weak' valid until '2099-01-01'; grant select on a, nokey to weak;
            select pg_create_physical_replication_slot('other')
            """, cancellationToken);
        var findings = await RunAsync(new NpgsqlConnectionStringBuilder(connection) { Username = "weak", Password = "weak" }.ConnectionString, cancellationToken);
        var wrong = findings.Where(finding => finding.Result is not ("ok" or "skip")).Select(finding => $"{finding.Id} {finding.Result} {finding.What} | {finding.Remedy}").ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Has.One.StartsWith("DR02 warn role weak expires at 2099-01-01"));
            Assert.That(wrong, Has.One.StartsWith("DR03 fail all 1 replication slots are in use"));
            Assert.That(wrong, Has.One.StartsWith("DR04 warn max_slot_wal_keep_size is 500MB: a short pause loses the slot"));
            Assert.That(wrong, Has.One.EqualTo("DR08 fail table public.unpublished is not in publication p | alter publication p add table public.unpublished;"));
            Assert.That(wrong, Has.One.StartsWith("DR09 fail table public.nokey has no replica identity"));
            Assert.That(wrong, Has.One.EqualTo("DR10 info table public.a has columns stored out of line: note | alter table public.a replica identity full; if each change must carry the whole row"));
            Assert.That(wrong, Has.One.StartsWith("DR14 fail publication p publishes the buffer's own table philotes.event"));
            Assert.That(wrong, Has.One.EqualTo("DR18 fail role weak may not read public.unpublished | grant usage on schema public to weak; grant select on public.unpublished to weak;"));
            Assert.That(findings.Where(finding => finding.Result == "skip").Select(finding => finding.What), Is.Empty);
        }
    }

    [Test]
    public async Task A_server_and_a_role_that_cannot_replicate_are_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["wal_level"] = "replica", ["max_wal_senders"] = "1" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "create role plain login password 'plain'", cancellationToken);
        var wrong = (await RunAsync(new NpgsqlConnectionStringBuilder(connection) { Username = "plain", Password = "plain" }.ConnectionString, cancellationToken))
            .Where(finding => finding.IsFailure).Select(finding => $"{finding.Id} {finding.What} | {finding.Remedy}").ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Has.One.StartsWith("DR01 wal_level is replica | alter system set wal_level = logical;"));
            Assert.That(wrong, Has.One.EqualTo("DR02 role plain may not replicate | alter role plain replication;"));
            Assert.That(wrong, Has.One.StartsWith("DR03 max_wal_senders is 1"));
            Assert.That(wrong, Has.One.StartsWith("DR08 publication p does not exist"));
        }
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(string connection, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        return await SourceChecks.RunAsync(source, "s", "p", (schema, _) => schema == "public", cancellationToken);
    }

    private static async Task ExecuteAsync(string connection, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

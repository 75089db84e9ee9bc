using Npgsql;
using Philotes.Buffer;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Source;

/// <summary>Each check of <c>philotes doctor</c> at the source finds what it is for, and says how to repair it.</summary>
[CancelAfter(300_000)]
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

    /// <summary>Services are known by the roles that they make; what each takes for a remedy stands in its own documentation.</summary>
    [Test]
    public async Task The_remedy_is_what_the_service_takes_that_runs_the_server(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["wal_level"] = "replica", ["max_wal_senders"] = "1" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "create role plain login password 'plain'; create role rds_replication", cancellationToken);
        var plain = new NpgsqlConnectionStringBuilder(connection) { Username = "plain", Password = "plain" }.ConnectionString;
        (string Role, string WalLevel, string Replication)[] services =
        [
            ("rds_superuser", "set rds.logical_replication = 1 in the instance's parameter group; then reboot it", "grant rds_replication to plain;"),
            ("cloudsqlsuperuser", "set the flag cloudsql.logical_decoding = on, which restarts the instance", "alter user plain with replication; as a user that has cloudsqlsuperuser"),
            ("azure_pg_admin", "set the server parameter wal_level = logical; then restart the server", "alter role plain with replication; as a user that has azure_pg_admin"),
            ("neon_superuser", "switch on logical replication in the project's settings", "make the role in the console or by the API: one made by SQL may not replicate"),
        ];
        foreach (var (role, walLevel, replication) in services)
        {
            await ExecuteAsync(connection, $"create role {role}", cancellationToken);
            var wrong = (await RunAsync(plain, cancellationToken)).Select(Line).ToList();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(wrong, Has.One.EqualTo($"DR01 fail wal_level is replica | {walLevel}"));
                Assert.That(wrong, Has.One.EqualTo($"DR02 fail role plain may not replicate | {replication}"));
                Assert.That(wrong, Has.One.EqualTo("DR03 fail max_wal_senders is 1 | set max_wal_senders = 10 in the parameters of the service; then restart the server"));
                Assert.That(wrong, Has.One.EqualTo("DR04 warn max_slot_wal_keep_size is -1: a stopped capture can fill the source's disk | set max_slot_wal_keep_size = '50GB' in the parameters of the service"));
            }

            await ExecuteAsync(connection, $"drop role {role}", cancellationToken);
        }

        await ExecuteAsync(connection, "create role rds_superuser; grant rds_replication to plain", cancellationToken);
        Assert.That((await RunAsync(plain, cancellationToken)).Where(finding => finding.Id == "DR02").Select(finding => finding.Result), Is.EqualTo(new[] { "ok" }), "rds gives the right by membership");
    }

    [Test]
    public async Task What_hides_rows_or_spells_names_that_others_refuse_is_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15);
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, """
            create table secured (id int primary key); alter table secured enable row level security;
            create foreign data wrapper none; create server elsewhere foreign data wrapper none; create foreign table far (id int) server elsewhere;
            create table twins (id int primary key, "Note" text, note text); create table odd (id int primary key, "a	b" int);
            create table part (id int primary key, a int, b text); create publication p for table secured, twins, odd, part (id, a) where (id > 10);
            create role reader login replication password 'reader'; grant select on all tables in schema public to reader
            """, cancellationToken);
        var wrong = (await RunAsync(new NpgsqlConnectionStringBuilder(connection) { Username = "reader", Password = "reader" }.ConnectionString, cancellationToken)).Select(Line).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Has.One.EqualTo("DR11 warn table public.secured has row security: the initial copy and verify see only the rows of the role's policies | alter role reader bypassrls;"));
            Assert.That(wrong, Has.One.StartsWith("DR11 warn table public.far is a foreign table: its rows are in another database").And.One.EndsWith("exclude: [public.far] }]"));
            Assert.That(wrong, Has.One.EqualTo("DR12 warn columns Note, note of public.twins differ in case only | rename one of them"));
            Assert.That(wrong, Has.One.EqualTo("""DR12 warn the name of column "a\tb" in "public"."odd" has control characters, which some readers of the lake refuse | rename it"""));
            Assert.That(wrong, Has.One.StartsWith("DR08 info table public.part is published in part: only rows where (id > 10) only columns id, a | "));
        }
    }

    [Test]
    public async Task A_database_that_knows_no_encoding_is_found(CancellationToken cancellationToken)
    {
        var connection = await Servers.Postgres.CreateDatabaseAsync(options: "encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'");
        Assert.That((await RunAsync(connection, cancellationToken)).Select(Line), Has.One.EqualTo("DR13 warn the database is SQL_ASCII: bytes that are not UTF-8 cannot be kept as text | move the data into a UTF8 database"));
        Assert.That((await RunAsync(await Servers.Postgres.CreateDatabaseAsync(), cancellationToken)).Where(finding => finding.Id == "DR13").Select(finding => finding.Result), Is.EqualTo(new[] { "ok" }));
    }

    [Test]
    public async Task Slots_and_senders_that_others_hold_and_a_bound_that_is_none_are_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_replication_slots"] = "1", ["max_wal_senders"] = "2" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "select pg_create_logical_replication_slot('s', 'pgoutput')", cancellationToken);
        var free = (await RunAsync(connection, cancellationToken)).Select(Line).ToList();
        await using var first = new Npgsql.Replication.LogicalReplicationConnection(connection);
        await using var second = new Npgsql.Replication.LogicalReplicationConnection(connection);
        await first.Open(cancellationToken);
        await second.Open(cancellationToken);
        var full = (await RunAsync(connection, cancellationToken)).Select(Line).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(free, Has.One.EqualTo("DR03 warn no replication slot is free beside ours | drop one that nobody reads, or alter system set max_replication_slots = 20; then restart the server"));
            Assert.That(free, Has.None.Contains("senders are in use"));
            Assert.That(full, Has.One.EqualTo("DR03 fail all 2 senders are in use | end one (pg_stat_replication), or alter system set max_wal_senders = 20; then restart the server"));
            Assert.That(full, Has.One.EqualTo("DR04 warn max_slot_wal_keep_size is -1: a stopped capture can fill the source's disk | alter system set max_slot_wal_keep_size = '50GB'; select pg_reload_conf();"));
        }
    }

    [Test]
    public async Task A_setting_that_only_a_newer_server_has_is_looked_at_where_it_is(CancellationToken cancellationToken)
    {
        var connection = await Servers.Postgres.CreateDatabaseAsync();
        await ExecuteAsync(connection, "create schema as_if; create view as_if.pg_settings as select name, setting from pg_catalog.pg_settings union all select 'idle_replication_slot_timeout', '60'", cancellationToken);
        Assert.That((await RunAsync(AsIf(connection), cancellationToken)).Select(Line), Has.One.EqualTo("DR04 warn idle_replication_slot_timeout is 60 s: a pause loses the slot | alter system set idle_replication_slot_timeout = 0; select pg_reload_conf();"));
    }

    [Test]
    public async Task A_source_that_spills_for_our_slot_is_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["logical_decoding_work_mem"] = "1MB", ["max_wal_size"] = "8GB" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "select pg_create_logical_replication_slot('s', 'pgoutput')", cancellationToken);
        await ExecuteAsync(connection, "select pg_logical_emit_message(true, 'test', repeat('x', 20000000)) from generate_series(1, 51)", cancellationToken);
        var before = (await RunAsync(connection, cancellationToken)).Select(Line).ToList();
        await ExecuteAsync(connection, "create publication p; select count(*) from pg_logical_slot_get_binary_changes('s', null, null, 'proto_version', '1', 'publication_names', 'p')", cancellationToken);
        var after = (await RunAsync(connection, cancellationToken)).Select(Line).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Has.One.StartsWith("DR15 warn logical_decoding_work_mem is 1MB: ").And.None.Contains("spilled"));
            Assert.That(after, Has.One.Matches("^DR15 warn the source spilled 97[0-9] MB for our slot, in 1 transactions [|] alter system set logical_decoding_work_mem = '256MB'; select pg_reload_conf\\(\\);$"));
        }
    }

    [Test]
    public async Task Whether_the_slot_survives_a_failover_is_said(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(17);
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "select pg_create_logical_replication_slot('s', 'pgoutput')", cancellationToken);
        var stays = (await RunAsync(connection, cancellationToken)).Where(finding => finding.Id == "DR16").Select(Line).Single();
        await ExecuteAsync(connection, "select pg_drop_replication_slot('s'); select pg_create_logical_replication_slot('s', 'pgoutput', false, false, true)", cancellationToken);
        var follows = (await RunAsync(connection, cancellationToken)).Where(finding => finding.Id == "DR16").Select(Line).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stays, Does.StartWith("DR16 warn the slot does not follow a failover | philotes source repair makes one that does"));
            Assert.That(follows, Does.StartWith("DR16 ok "));
        }
    }

    /// <summary>Nobody waits ten minutes here: the transactions are real, and the server is asked at a later time of day.</summary>
    [Test]
    public async Task Transactions_that_hold_the_slot_back_are_found(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync(15, new Dictionary<string, string> { ["max_prepared_transactions"] = "2" });
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "create table t (id int); create schema as_if; create function as_if.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + interval '11 min' $$", cancellationToken);
        await using var open = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "nightly report", Pooling = false }.ConnectionString);
        await open.OpenAsync(cancellationToken);
        await using var transaction = await open.BeginTransactionAsync(cancellationToken);
        await using (var reads = new NpgsqlCommand("insert into t values (1)", open, transaction))
            await reads.ExecuteNonQueryAsync(cancellationToken);
        await ExecuteAsync(connection, "begin; insert into t values (2); prepare transaction 'forgotten'", cancellationToken);
        var now = (await RunAsync(connection, cancellationToken)).Where(finding => finding.Id == "DR17").Select(finding => finding.Result);
        var later = (await RunAsync(AsIf(connection), cancellationToken)).Select(Line).ToList();
        await ExecuteAsync(connection, "rollback prepared 'forgotten'", cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(now, Is.EqualTo(new[] { "ok" }));
            Assert.That(later, Has.One.Matches("^DR17 warn prepared transaction forgotten of .* has been open for 00:11:.* [|] commit prepared 'forgotten'; or rollback prepared 'forgotten';$"));
            Assert.That(later, Has.One.Matches($"^DR17 warn process {open.ProcessID} [(]nightly report[)] has a transaction open for 00:11:.* [|] select pg_terminate_backend[(]{open.ProcessID}[)]; if it may be ended$"));
        }
    }

    private static string Line(Finding finding) => $"{finding.Id} {finding.Result} {finding.What} | {finding.Remedy}";

    /// <summary>With the catalog's names that a test gave another meaning.</summary>
    private static string AsIf(string connection) => new NpgsqlConnectionStringBuilder(connection) { SearchPath = "as_if, pg_catalog" }.ConnectionString;

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

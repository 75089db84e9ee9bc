using Npgsql;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What <c>philotes doctor</c> says of the way to the source, of its slot and publication, of clocks and of the configuration; each with what repairs it.</summary>
[NonParallelizable, CancelAfter(120_000)]
public sealed class DoctorSourceTests
{
    PostgresServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await PostgresServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task A_pooler_in_the_way_is_found_and_the_rest_is_checked_all_the_same()
    {
        var database = await _server.CreateDatabaseAsync();
        await using var pooler = new PoolerDouble(_server.Port);
        var direct = await DoctorAsync(database, "source");
        var pooled = await DoctorAsync(database, "source", "--set", $"source.connection.port={pooler.Port}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(direct.Output, Does.Match("DR05  ok    the server answers a replication connection .system [0-9]+, timeline 1."));
            Assert.That(pooled.ExitCode, Is.EqualTo(ExitCode.Preflight));
            Assert.That(pooled.Output, Does.Contain("DR05  fail  the server answers ordinary connections and refuses a replication connection: unsupported startup parameter: replication")
                .And.Contain("remedy: set source.connection to the server itself"));
            Assert.That(pooled.Output, Does.Contain("DR01  ok").And.Contain("DR06  skip"));
        }
    }

    [Test]
    public async Task A_publication_that_is_younger_than_what_waits_in_the_slot_is_found()
    {
        var database = await _server.CreateDatabaseAsync();
        string[] given = ["--set", "source.publication={name: given, managed: false}", "--set", "source.slot=young"];
        var none = await DoctorAsync(database, "source", given);
        await ExecuteAsync(database, "create table t (id int primary key)", "select pg_create_logical_replication_slot('young', 'pgoutput')", "insert into t values (1)", "create publication given for table t");
        var young = await DoctorAsync(database, "source", given);
        await ExecuteAsync(database, "select pg_drop_replication_slot('young')", "select pg_create_logical_replication_slot('young', 'pgoutput')", "insert into t values (2)");
        var old = await DoctorAsync(database, "source", given);
        await ExecuteAsync(database, "select pg_drop_replication_slot('young')");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(none.Output, Does.Contain("DR07  skip  slot young does not exist yet"));
            Assert.That(young.Output, Does.Contain("DR07  fail  for slot young: publication \"given\" does not exist").And.Contain("remedy: create the publication, then philotes source repair"));
            Assert.That(young.ExitCode, Is.EqualTo(ExitCode.Preflight));
            Assert.That(old.Output, Does.Contain("DR07  ok    the publication is older than the first change that waits in the slot"));
        }
    }

    [Test]
    public async Task A_source_that_is_away_is_a_finding()
    {
        var run = await DoctorAsync(await _server.CreateDatabaseAsync(), "source", "--set", "source.connection.port=1");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Preflight));
        Assert.That(run.Output, Does.StartWith("DR05  fail  the source cannot be used: PH125: ").And.Contain("remedy: check the address, the credentials and the network of the source"));
    }

    [Test]
    public async Task A_clock_that_is_not_ours_is_found()
    {
        var database = await _server.CreateDatabaseAsync();
        string[] buffer = ["--set", "buffer.connection=" + Yaml(database)];
        Assert.That((await CliRun.OfAsync(["schema", "up", "--yes", "--reason", "a new buffer", .. buffer])).ExitCode, Is.Zero);
        Assert.That((await CliRun.OfAsync(["schema", "up", .. buffer])).ExitCode, Is.Zero);
        var audit = await CliRun.OfAsync(["audit", "list", "--output", "csv", .. buffer]);
        Assert.That(audit.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..], Has.One.Contains("schema up").And.One.Contains("a new buffer").And.One.Contains("0001_"), "once: the second time nothing ran");
        var right = await CliRun.OfAsync(["doctor", "--only", "buffer", .. buffer]);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await ExecuteAsync(database, $"""
            create schema as_if;
            create function as_if.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + interval '90 s' $$;
            create function as_if.clock_timestamp() returns timestamptz language sql volatile as $$ select pg_catalog.clock_timestamp() + interval '90 s' $$;
            alter database {name} set search_path = as_if, pg_catalog
            """);
        NpgsqlConnection.ClearAllPools();
        var wrong = await CliRun.OfAsync(["doctor", "--only", "buffer", .. buffer]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(right.Output, Does.Contain("DR24  ok    the clock of the buffer is ours"), right.Error);
            Assert.That(wrong.Output, Does.Match("DR24  warn  the clock of the buffer differs from this machine's by 1 m [23][0-9]? s\n +Snapshots are ordered by time.*\n +remedy: run chrony or ntpd on both"), wrong.Error);
        }
    }

    [Test]
    public async Task Secrets_and_ways_that_are_open_and_rules_that_match_nothing_are_found()
    {
        var loose = await CliRun.OfAsync(
            "doctor", "--only", "config", "--set", "source.connection={host: db1, database: shop, user: u, password: geheim, tls: disable}", "--set", "lake.catalog.uri=http://catalog.internal:8181",
            "--set", "lake.store.endpoint=http://store.internal", "--set", "lake.allow_insecure=true");
        var strict = await CliRun.OfAsync(
            "doctor", "--only", "config", "--set", "source.connection={host: 127.0.0.1, database: shop, user: u, tls: disable}", "--set", "lake.catalog.uri=http://localhost:8181", "--set", "tables=[{match: public.*}]");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loose.ExitCode, Is.EqualTo(ExitCode.Preflight), loose.Error);
            Assert.That(loose.Output, Does.StartWith("DR50  fail  no rule under 'tables' matches anything").And.Contain("remedy: tables: [{ match: public.* }]"));
            Assert.That(loose.Output, Does.Contain("source.connection.password").And.Contain("source.connection.tls: is disable, and db1 is another machine").And.Contain("lake.catalog.uri: is http, and another machine").And.Contain("lake.store.endpoint: is http"));
            Assert.That(loose.Output, Does.Not.Contain("geheim"));
            Assert.That((strict.ExitCode, strict.Output), Is.EqualTo((ExitCode.Ok, "DR50  ok    the configuration is valid and holds no secret in the open\n1 ok, 0 warnings, 0 failures, 0 skipped.\n")));
        }
    }

    static async Task<CliRun> DoctorAsync(string database, string area, params string[] more) =>
        await CliRun.OfAsync(["doctor", "--only", area, "--set", "source.connection=" + Yaml(database), "--set", "tables=[{match: public.*}]", .. more]);

    static string Yaml(string database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        return $"{{host: {connection.Host}, port: {connection.Port}, database: {connection.Database}, user: {connection.Username}, password: '{connection.Password}', tls: disable}}";
    }

    static async Task ExecuteAsync(string database, params string[] statements)
    {
        await using var db = NpgsqlDataSource.Create(database);
        foreach (var statement in statements)
        {
            await using var command = db.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }
}

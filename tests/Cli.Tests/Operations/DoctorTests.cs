using System.Text.Json;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

[NonParallelizable]
public sealed class DoctorTests
{
    [Test, CancelAfter(180_000)]
    public async Task Every_area_is_checked_and_a_healthy_pipeline_has_no_failure(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key, note text)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into a values (1, 'x')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var run = await pipeline.RunAsync("doctor", "--json", "--set", "buffer.connection.database=" + new Npgsql.NpgsqlConnectionStringBuilder(pipeline.Pipeline.BufferConnection).Database);
        var findings = JsonDocument.Parse(run.Output).RootElement.GetProperty("items").EnumerateArray().ToList();
        var failures = findings.Where(item => item.GetProperty("result").GetString() == "fail").Select(item => item.GetProperty("id").GetString() + " " + item.GetProperty("what").GetString()).ToList();
        using (Assert.EnterMultipleScope())
        {
            // The server of the tests runs without fsync, which is what DR21 is there to say.
            Assert.That(failures, Has.All.StartsWith("DR21 "), run.Output);
            Assert.That(run.ExitCode, Is.EqualTo(failures.Count == 0 ? ExitCode.Ok : ExitCode.Preflight));
            Assert.That(findings.Select(item => item.GetProperty("area").GetString()).Distinct(), Is.EquivalentTo(new[] { "config", "source", "buffer", "store", "catalog" }));
            Assert.That(findings.Where(item => item.GetProperty("result").GetString() == "ok").Select(item => item.GetProperty("id").GetString()), Is.SupersetOf(new[] { "DR01", "DR06", "DR07", "DR08", "DR09", "DR30", "DR40", "DR41" }));
            Assert.That(findings.Where(item => item.GetProperty("result").GetString() == "skip"), Is.Empty, run.Output);
            Assert.That(findings.Where(item => item.GetProperty("id").GetString() == "DR42").Select(item => item.GetProperty("what").GetString()), Has.One.StartsWith("public.a: format version 2, 0 snapshots of other programs"), run.Output);
        }
    }

    [Test, CancelAfter(180_000)]
    public async Task What_is_wrong_is_named_with_the_statement_that_repairs_it(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key); create unlogged table quiet (id int primary key); create table parts (id int primary key) partition by range (id); create table computed (id int primary key, g int generated always as (id) stored)", cancellationToken, writer: false);
        await pipeline.Pipeline.ExecuteAsync("""create table "Twice" (id int primary key); create table twice (id int primary key)""", cancellationToken);
        await pipeline.BufferAsync<object>("update philotes.source set durable_lsn = '0/1', system_identifier = null", cancellationToken);
        var source = await pipeline.RunAsync("doctor", "--only", "source");
        await pipeline.Pipeline.Capture!.KillAsync();
        await Until.TrueAsync(async () => (await pipeline.RunAsync("doctor", "--only", "source")).Output.Contains("DR06  fail  PH105: ", StringComparison.Ordinal), () => "the slot is free", cancellationToken);
        var unknown = await pipeline.RunAsync("doctor", "--only", "moon");
        var away = await pipeline.RunAsync("doctor", "--only", "buffer,catalog", "--set", "buffer.connection.port=1", "--set", "lake.catalog.uri=http://127.0.0.1:1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(source.Output, Does.Contain("table public.quiet is unlogged").And.Contain("remedy: alter table public.quiet set logged;"));
            Assert.That(source.Output, Does.Contain("differ in case only"));
            Assert.That(source.Output, Does.Contain("table public.parts is published as a whole: a TRUNCATE of one of its partitions sends nothing").And.Contain("table public.computed has generated columns, which are not sent: g"));
            Assert.That(source.Output.IndexOf("warn", StringComparison.Ordinal), Is.LessThan(source.Output.IndexOf("DR01  ok", StringComparison.Ordinal)), "worst first");
            Assert.That(unknown.ExitCode, Is.EqualTo(ExitCode.Configuration));
            Assert.That(away.ExitCode, Is.EqualTo(ExitCode.Preflight));
            Assert.That(away.Output, Does.Contain("DR20  fail  the buffer cannot be used").And.Contain("DR40  fail  the catalog cannot be used"));
        }
    }

    [Test, CancelAfter(180_000)]
    public async Task What_is_ours_is_fixed_once_and_audited(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        string[] where = ["--set", $"buffer.connection={{host: {connection.Host}, port: {connection.Port}, database: {connection.Database}, user: {connection.Username}, password: '{connection.Password}', tls: disable}}"];
        var missing = await CliRun.OfAsync(["doctor", "--only", "buffer", .. where]);
        var unasked = await CliRun.OfAsync(["doctor", "--only", "buffer", "--fix", .. where]);
        var repaired = await CliRun.OfAsync(["doctor", "--only", "buffer", "--fix", "--yes", "--reason", "new server", .. where]);
        var again = await CliRun.OfAsync(["doctor", "--only", "buffer", "--fix", .. where]);
        var audit = await CliRun.OfAsync(["audit", "list", "--json", .. where]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((missing.ExitCode, missing.Output), Is.EqualTo((ExitCode.Preflight, missing.Output)));
            Assert.That(missing.Output, Does.Contain("DR20  fail  the schema is not this build's").And.Contain("remedy: philotes schema up"));
            Assert.That(unasked.Output, Does.Contain("repairs DR20"));
            Assert.That(unasked.ExitCode, Is.EqualTo(ExitCode.Cancelled));
            Assert.That(repaired.Output, Does.Contain("fixed DR20: ran migration 0001_").And.Not.Contain("DR20  fail"), repaired.Error);
            Assert.That(again.Output, Does.Not.Contain("fixed "), again.Error);
            Assert.That(audit.Output.Split("doctor --fix"), Has.Length.EqualTo(2), audit.Output);
            Assert.That(audit.Output, Does.Contain("new server"));
        }
    }

    [Test, CancelAfter(180_000)]
    public async Task Only_what_it_repairs_itself_is_asked_for(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key)", cancellationToken, writer: false);
        string[] fix = ["doctor", "--only", "buffer", "--fix"];

        await pipeline.Pipeline.ExecuteAsync("insert into a values (1)", cancellationToken);
        await pipeline.UntilAsync("select exists (select from philotes.chunk)", cancellationToken);
        await pipeline.BufferAsync<object>("update philotes.generation set created_at = now() - interval '4 h'", cancellationToken);
        var warned = await pipeline.RunAsync(fix);
        await pipeline.BufferAsync<object>("call philotes.add_generation(2); update philotes.source set current_gen = 2, capture_gen = 2; update philotes.generation set sealed_at = now(), dropped_at = now() where gen = 1", cancellationToken);
        var unasked = await pipeline.RunAsync(fix);
        var repaired = await pipeline.RunAsync([.. fix, "--yes", "--reason", "room"]);
        var audit = await pipeline.ItemsAsync("audit", "list");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(warned.Output, Does.Contain("DR23  warn").And.Not.Contain("repairs "), warned.Error);
            Assert.That((unasked.ExitCode, unasked.Output.Split('\n')[0]), Is.EqualTo((ExitCode.Cancelled, "repairs DR23: finishes the detach of generations 1, which retention has withdrawn")));
            Assert.That(repaired.Output, Does.StartWith("fixed DR23: finished the detach of 1 generations; 0 wait for a reader"), repaired.Error);
            Assert.That(audit.Select(item => (item.GetProperty("action").GetString(), item.GetProperty("detail").GetProperty("detaches")[0].GetInt32())), Is.EqualTo(new[] { ("doctor --fix", 1) }));
            Assert.That(await pipeline.BufferAsync<bool>("select to_regclass('philotes.event_g1') is null", cancellationToken), Is.True);
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task Migrations_that_were_killed_half_way_are_in_the_audit(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        string[] up = ["schema", "up", "--yes", "--reason", "upgrade", "--set", $"buffer.connection={{host: {connection.Host}, port: {connection.Port}, database: {connection.Database}, user: {connection.Username}, password: '{connection.Password}', tls: disable}}"];
        await using (var killed = ProgramProcess.Run("Cli", Programs.Find("Cli"), "mig.after_commit=exit@8", up))
        {
            await Until.TrueAsync(() => Task.FromResult(killed.HasExited), () => killed.Output, cancellationToken);
            Assert.That(killed.ExitCode, Is.EqualTo(137), killed.Output);
        }

        await using var buffer = Npgsql.NpgsqlDataSource.Create(connection);
        var first = await new Philotes.Buffer.Operations.Operator(buffer).AuditAsync(10, cancellationToken);
        var again = await CliRun.OfAsync(up);
        var both = await new Philotes.Buffer.Operations.Operator(buffer).AuditAsync(10, cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Select(entry => (entry.Action, entry.Reason)), Is.EqualTo(new[] { ("schema up", "upgrade") }));
            Assert.That(first[0].Detail, Does.Contain("0001_").And.Contain("0021_"), "what was to run; the journal says what did");
            Assert.That(again.ExitCode, Is.EqualTo(ExitCode.Ok), again.Error);
            Assert.That(both, Has.Count.EqualTo(2));
            Assert.That(both[0].Detail, Does.Not.Contain("0008_").And.Contain("0009_").And.Contain("0021_"));
        }
    }

    /// <summary>kill -9 while the trial's object is in the store: it and its table stay, are left alone while they are young, and are gone at the first look behind an hour.</summary>
    [Test, CancelAfter(180_000)]
    public async Task What_a_doctor_leaves_that_is_killed_is_removed_by_a_later_one(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key)", cancellationToken, writer: false);
        string[] doctor = [Programs.Find("Cli"), "doctor", "--only", "store,catalog", "--config", pipeline.Pipeline.ConfigurationFile];
        Assert.That(async () => await ChildProcess.RunAsync("dotnet", doctor, new Dictionary<string, string> { ["PHILOTES_FAILPOINTS"] = "doctor.after_put=exit" }), Throws.Exception);
        var killed = Left(pipeline);
        var soon = await ChildProcess.RunAsync("dotnet", doctor);
        var stayed = Left(pipeline);
        var loaded = PhilotesConfiguration.Load(pipeline.Pipeline.ConfigurationFile, new Dictionary<string, string?>(), []);
        var later = await BatchWriter.Operations.LakeProbe.RunAsync(loaded.Options, new Later(), cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(killed, Has.One.EndsWith("/philotes-probe"));
            Assert.That(stayed, Is.EqualTo(killed), soon);
            Assert.That(later.Findings.Select(finding => finding.What), Has.One.Matches("^removed philotes_probe[.]probe_[0-9a-f]+, which a check left that was killed$"));
            Assert.That(Left(pipeline), Is.Empty);
        }
    }

    static string[] Left(OperatedPipeline pipeline) =>
        [.. Directory.EnumerateFiles(pipeline.Pipeline.Warehouse, "*", SearchOption.AllDirectories).Where(file => file.Contains("probe_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromMinutes(61);
    }
}

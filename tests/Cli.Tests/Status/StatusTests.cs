using System.Text.Json;
using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Status;

public sealed class StatusTests
{
    static readonly DateTimeOffset At = new(2026, 11, 20, 12, 4, 31, TimeSpan.Zero);

    static readonly StatusReport Report = new(
        At, DatabaseBytes: 41_200_000_000, LiveGenerations: 3,
        [new SourceRecord(1, "orders", "7", 3, "s", "p", Lsn.Parse("16/B374D848"), At.AddSeconds(-2), 4, "me", "streaming", null)],
        [
            Table("orders", "active", pending: 4_120, oldest: At.AddSeconds(-9)),
            Table("[odd] name", "active", pending: 0, oldest: null),
            Table("invoices", "blocked", pending: 1_200_000, oldest: At.AddHours(-3).AddMinutes(-12), code: "PH201", text: "amount int4 -> text"),
        ],
        new BufferActivity(4_812, 300_000, At.AddDays(-3), Writers: 3, InFlight: 4, CommitsPerMinute: 61, LastErrorAt: null, LastError: null));

    [Test]
    public void The_screen_shows_the_worst_table_first_and_any_name()
    {
        using var output = new StringWriter();
        var slot = new SlotFacts("16.4", Exists: true, Active: true, "reserved", 38_000_000, null, null);
        StatusScreen.Render(Consoles.Of(output), Report, slot, new PhilotesOptions());
        var lines = output.ToString().Split('\n').Select(line => line.TrimEnd()).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Does.Contain("CAPTURE  orders: streaming   4,812 ev/s   durable 16/B374D848 2 s ago"));
            Assert.That(lines, Does.Contain("SLOT     philotes: active, reserved, 38.0 MB behind, lost in: never"));
            Assert.That(lines, Does.Contain("BUFFER   41.2 GB of 322 GB (12 %)   window 3d   oldest 2026-11-17 12:04   full in: 10 d 20 h at this rate"));
            Assert.That(lines, Does.Contain("WRITERS  3 at work   in flight 4   commits/min 61   last error: none"));
            Assert.That(lines[0], Does.Match(@"^philotes \S+   source orders \(PG 16\.4, tl 3\)   12:04:31Z$"));
            Assert.That(lines[6], Does.Match(@"^ ?TABLE +STATE +PENDING +BEHIND +FRESHNESS +LAST CHANGE +NOTE$"));
            Assert.That(lines[7], Does.Match(@"^ ?public\.invoices +BLOCKED +1,200,000 +5\.0 MB +3 h 12 m +12:00:00 +PH201 amount int4 -> text \(philotes explain PH201\)$"));
            Assert.That(lines[8], Does.Match(@"^ ?public\.orders +active +4,120 +5\.0 MB +9 s +12:00:00$"));
            Assert.That(lines[9], Does.Match(@"^ ?public\.\[odd\] name +active +0 +0 B +0 s +12:00:00$"));
        }
    }

    [Test]
    public void The_JSON_has_a_version_and_keeps_a_snapshot_id_as_text()
    {
        using var json = JsonDocument.Parse(StatusJson.Print(Report, slot: null));
        var invoices = json.RootElement.GetProperty("tables")[2];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.RootElement.GetProperty("apiVersion").GetString(), Is.EqualTo("philotes/v1"));
            Assert.That(invoices.GetProperty("snapshotId").GetString(), Is.EqualTo("9007199254740993"));
            Assert.That(invoices.GetProperty("pending").GetInt64(), Is.EqualTo(1_200_000));
            Assert.That(invoices.GetProperty("freshnessSeconds").GetDouble(), Is.EqualTo(11_520));
            Assert.That(json.RootElement.GetProperty("slot").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task Schema_and_status_work_on_a_real_buffer(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        string[] where =
        [
            "--set", $"buffer.connection={{host: {connection.Host}, port: {connection.Port}, database: {connection.Database}, user: {connection.Username}, password: '{connection.Password}', tls: disable}}",
            "--set", $"source.connection={{host: {connection.Host}, port: {connection.Port}, database: {connection.Database}, user: {connection.Username}, password: '{connection.Password}', tls: disable}}",
        ];
        var before = await CliRun.OfAsync(["schema", "status", "--exit-code", .. where]);
        var watched = await CliRun.OfAsync(["schema", "status", "--exit-code", "--watch", .. where]).WaitAsync(cancellationToken);
        var unasked = await CliRun.OfAsync(["schema", "up", .. where]);
        var up = await CliRun.OfAsync(["schema", "up", "--yes", .. where]);
        var again = await CliRun.OfAsync(["schema", "up", .. where]);
        var after = await CliRun.OfAsync(["schema", "status", "--exit-code", .. where]);
        var status = await CliRun.OfAsync(["status", .. where]);
        var json = await CliRun.OfAsync(["status", "--json", "--fail-if-lag", "60s", "--fail-if-blocked", .. where]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(before.ExitCode, Is.EqualTo(ExitCode.Threshold));
            Assert.That((watched.ExitCode, watched.Output), Is.EqualTo((ExitCode.Threshold, before.Output)), "what is watched ends with the first exit code that is not 0");
            Assert.That(unasked.Output, Does.Contain("runs 0001_"));
            Assert.That(unasked.ExitCode, Is.EqualTo(ExitCode.Cancelled));
            Assert.That(up.Output, Does.Contain("runs 0001_").And.EndWith("The schema is current.\n"));
            Assert.That(again.Output, Is.EqualTo("The schema was current already.\n"));
            Assert.That(after.ExitCode, Is.EqualTo(ExitCode.Ok));
            Assert.That(status.Output, Does.Contain("CAPTURE  has not run yet").And.Contain("(PG 15").And.Contain("philotes does not exist").And.Contain("No table has been captured yet."), status.Error);
            Assert.That(json.ExitCode, Is.EqualTo(ExitCode.Ok), json.Error);
            Assert.That(JsonDocument.Parse(json.Output).RootElement.GetProperty("tables").GetArrayLength(), Is.Zero);
        }
    }

    static TableStatus Table(string name, string state, long pending, DateTimeOffset? oldest, string? code = null, string? text = null) => new(
        1, "orders", new TableName("public", name), state, StateReason: null, RowsIn: 2_000_000, RowsOut: 2_000_000 - pending, ChunksPending: 1, BytesBehind: 5_000_000,
        HeadAt: At, CommittedAt: new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), oldest, SnapshotId: 9_007_199_254_740_993, ParkedEvents: 0,
        BatchState: null, code, text, ReplacedValues: 0);
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>
/// Alert rules and dashboards against what the programs really say: every metric that an expression names is declared by a scrape, and trouble that
/// is really made fires the rule that is there for it, evaluated by Prometheus' own promtool.
/// </summary>
[NonParallelizable]
public sealed partial class AlertTests
{
    static readonly string Rules = Peers.Repository("deploy", "prometheus", "philotes.rules.yaml");

    [Test, CancelAfter(300_000)]
    public async Task Trouble_fires_its_alert_and_health_fires_none(CancellationToken cancellationToken)
    {
        Promtool();
        await using var pipeline = await OperatedPipeline.StartAsync(
            "create table good (id int primary key); create table torn (id int primary key, note text); create table odd (id int primary key, day date); create table bulk (id int primary key, pad text)", cancellationToken,
            defaults: $"{Environment.NewLine}  on_outside: reject", fsync: true);
        await pipeline.Pipeline.ExecuteAsync("insert into good values (1); insert into odd values (1, '2024-01-01')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await ShowsAsync(pipeline.Pipeline.Capture!, "philotes_doctor_checks{", cancellationToken);
        await ShowsAsync(pipeline.Pipeline.Capture!, "philotes_slot_active{", cancellationToken);
        foreach (var table in new[] { "good", "odd" })
            await ShowsAsync(pipeline.Pipeline.Writer!, $"philotes_table_pending_events{{source=\"shop\",table=\"public.{table}\"}} 0\n", cancellationToken);
        await ShowsAsync(pipeline.Pipeline.Writer!, "philotes_doctor_checks{", cancellationToken);
        var healthy = await ScrapeAsync(pipeline, cancellationToken);
        var declared = Declared().Matches(healthy).Select(match => match.Groups[1].Value).SelectMany(name => new[] { name, name + "_bucket", name + "_count", name + "_sum" }).ToHashSet(StringComparer.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            foreach (var file in Directory.EnumerateFiles(Peers.Repository("deploy"), "*.*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".yaml" or ".json"))
            {
                var named = Named().Matches(await File.ReadAllTextAsync(file, cancellationToken)).Select(match => match.Value).Distinct();
                Assert.That(named.Where(name => !declared.Contains(name)), Is.Empty, $"metrics that {Path.GetFileName(file)} names and nobody has");
            }

            Assert.That(await FiringAsync(healthy, cancellationToken), Is.Empty);
            foreach (var process in new[] { pipeline.Pipeline.Capture!, pipeline.Pipeline.Writer! })
                Assert.That((await RunAsync("promtool", ["check", "metrics"], await ScrapeAsync(process, cancellationToken), cancellationToken)).Output, Does.Not.Contain("error"), process.Project);
        }

        // A table that blocks, values that no column holds, a limit that is near, and a lake that does not move.
        await pipeline.Pipeline.ExecuteAsync("insert into odd values (2, 'infinity')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.Writer!.TerminateAsync(cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into torn values (1, 'x'); insert into good select generate_series(2, 600); insert into bulk select i, repeat('x', 500) from generate_series(1, 20000) as i", cancellationToken);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await pipeline.BufferAsync<object>(
            """
            update philotes.event set new_row = '\x0002' where chunk in (select chunk from philotes.chunk join philotes.source_table using (table_id) where table_name = 'torn');
            update philotes.chunk set crc32c = null where table_id = (select table_id from philotes.source_table where table_name = 'torn');
            update philotes.table_cursor set max_in_flight = 0 where table_id = (select table_id from philotes.source_table where table_name = 'good');
            update philotes.chunk set last_ts = last_ts - interval '1 h' where table_id = (select table_id from philotes.source_table where table_name = 'good') and row_count > 1
            """, cancellationToken);
        await using var second = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile, null, "--set", "buffer.max_bytes=64MiB");
        await pipeline.UntilAsync("select state = 'blocked' from philotes.v_table where table_name = 'public.torn'", cancellationToken);
        await ShowsAsync(second, "state=\"blocked\",table=\"public.torn\"} 1", cancellationToken);
        await FiresAsync(["TableBlocked", "DeadLetters", "FreshnessHigh", "BufferFilling"], async () => await ScrapeAsync(second, cancellationToken) + await ScrapeAsync(pipeline.Pipeline.Capture!, cancellationToken), cancellationToken);

        Assert.That(await FiringAsync("", cancellationToken), Is.SupersetOf(new[] { "CaptureDown", "WriterDown" }));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_slot_a_buffer_a_catalog_and_a_writer_in_trouble_fire_theirs(CancellationToken cancellationToken)
    {
        Promtool();
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key, note text); create table u (id int primary key)", cancellationToken, fsync: true);
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1, 'a'); insert into u values (1)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.Writer!.TerminateAsync(cancellationToken);

        // The source may keep 100 MB for us and writes its log fast, but not so fast that a checkpoint finds more than that.
        await pipeline.Pipeline.ExecuteAsync("alter system set max_slot_wal_keep_size = '100MB'", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("select pg_reload_conf()", cancellationToken);
        var near = "";
        await Until.TrueAsync(async () =>
        {
            await pipeline.Pipeline.ExecuteAsync("select pg_logical_emit_message(false, 'test', repeat('x', 200000))", cancellationToken);
            near = await ScrapeAsync(pipeline.Pipeline.Capture!, cancellationToken);
            return SecondsToLoss().Match(near) is { Success: true } left && double.Parse(left.Groups[1].Value, CultureInfo.InvariantCulture) < 900;
        }, pipeline.Pipeline.Describe, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("alter system reset max_slot_wal_keep_size", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("select pg_reload_conf()", cancellationToken);
        Assert.That(await FiringAsync(near, cancellationToken, only: ["SlotWillBeLost"]), Has.Count.EqualTo(1));

        // The buffer is full, and no longer flushes what it commits.
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        await pipeline.BufferAsync<object>("create table public.ballast as select repeat(md5(i::text), 32) as pad from generate_series(1, 80000) as i", cancellationToken);
        await pipeline.BufferAsync<object>("do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$", cancellationToken);
        pipeline.Pipeline.StartCapture(null, "--set", "buffer.max_bytes=64MiB");
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'b' from generate_series(2, 100) as i; insert into u values (2)", cancellationToken);
        await ShowsAsync(pipeline.Pipeline.Capture!, "philotes_capture_buffer_full{source=\"shop\"} 1", cancellationToken);
        Assert.That(await FiringAsync(await ScrapeAsync(pipeline.Pipeline.Capture!, cancellationToken), cancellationToken, only: ["BufferFull"]), Has.Count.EqualTo(1));
        await pipeline.BufferAsync<object>("drop table public.ballast", cancellationToken);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);

        // A catalog that takes connections and says nothing: the writer runs and brings nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using (var hung = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile, null, "--set", $"lake.catalog.uri=http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", "--set", "writer.stalled_after=1s"))
        {
            await ShowsAsync(hung, "\nphilotes_delivery_stalled 1\n", cancellationToken);
            // The metric is there a moment before its words are: they come another way.
            await Until.TrueAsync(() => Task.FromResult(hung.Output.Contains("PH508", StringComparison.Ordinal)), () => hung.Output, cancellationToken);
            var ready = "";
            await Until.TrueAsync(
                async () => (ready = await ReadyAsync(hung, cancellationToken)).StartsWith("503", StringComparison.Ordinal) && ready.Contains("PH508", StringComparison.Ordinal), () => ready, cancellationToken);
            await FiresAsync(["LakeStalled", "WriterAbsent", "DoctorFail"], () => ScrapeAsync(hung, cancellationToken), cancellationToken);
            await hung.KillAsync();
        }

        // A catalog that is not there: batches fail again and again.
        await pipeline.BufferAsync<object>("update philotes.batch set lease_until = now() where state in ('claimed', 'committing')", cancellationToken);
        await using (var failing = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile, null, "--set", $"lake.catalog.uri=http://127.0.0.1:{Peers.FreePort()}"))
        {
            var failed = "";
            await Until.TrueAsync(async () => FourFailures().IsMatch(failed = await ScrapeAsync(failing, cancellationToken)), () => failing.Output, cancellationToken);
            Assert.That(await FiringAsync(failed, cancellationToken, isGrowing: true, only: ["BatchesFail", "CatalogErrors"]), Has.Count.EqualTo(2), failed);
            await failing.KillAsync();
        }

        // A chunk that is not what capture wrote.
        await pipeline.BufferAsync<object>("update philotes.chunk set crc32c = crc32c + 1 where table_id = (select table_id from philotes.source_table where table_name = 'u')", cancellationToken);
        await pipeline.BufferAsync<object>("update philotes.batch set next_try_at = now() where state = 'failed'", cancellationToken);
        pipeline.Pipeline.StartWriter();
        await ShowsAsync(pipeline.Pipeline.Writer!, "philotes_batch_failures_total{code=\"PH900\"}", cancellationToken);
        Assert.That(await FiringAsync(await ScrapeAsync(pipeline.Pipeline.Writer!, cancellationToken), cancellationToken, only: ["InvariantBroken"]), Has.Count.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_dashboards_are_those_that_are_made(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-dashboards-");
        var make = Path.Combine(folder.FullName, "make.py");
        File.Copy(Peers.Repository("deploy", "grafana", "make.py"), make);
        Assert.That((await RunAsync("python3", [make], "", cancellationToken)).ExitCode, Is.Zero);
        var made = folder.GetFiles("*.json").ToDictionary(file => file.Name, file => File.ReadAllText(file.FullName));
        var shipped = new DirectoryInfo(Peers.Repository("deploy", "grafana")).GetFiles("*.json").ToDictionary(file => file.Name, file => File.ReadAllText(file.FullName));
        folder.Delete(recursive: true);
        Assert.That(made, Has.Count.EqualTo(3));
        Assert.That(shipped, Is.EquivalentTo(made), "write them anew with: python3 deploy/grafana/make.py");
    }

    [Test, CancelAfter(60_000)]
    public async Task The_rules_are_valid_and_each_has_a_runbook(CancellationToken cancellationToken)
    {
        Promtool();
        var check = await RunAsync("promtool", ["check", "rules", Rules], "", cancellationToken);
        var runbooks = await File.ReadAllTextAsync(Peers.Repository("docs", "runbooks.md"), cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(check.ExitCode, Is.Zero, check.Output);
            foreach (Match alert in Alert().Matches(await File.ReadAllTextAsync(Rules, cancellationToken)))
                Assert.That(runbooks, Does.Contain($"## {alert.Groups[1].Value}\n"));
        }
    }

    /// <summary>Evaluates the rules over half an hour in which every series stays what the scrape said, or every counter grows by as much each minute.</summary>
    static async Task<IReadOnlyList<string>> FiringAsync(string scrape, CancellationToken cancellationToken, bool isGrowing = false, string[]? only = null)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-alerts-").FullName;
        var alerts = only?.ToList() ?? Alert().Matches(await File.ReadAllTextAsync(Rules, cancellationToken)).Select(match => match.Groups[1].Value).ToList();
        List<string> firing = [];
        foreach (var alert in alerts)
        {
            var test = new StringBuilder();
            test.AppendLine(CultureInfo.InvariantCulture, $"rule_files: ['{Rules}']").AppendLine("evaluation_interval: 1m").AppendLine("tests:").AppendLine("  - interval: 1m").AppendLine("    input_series:");
            test.AppendLine("      - { series: 'nothing', values: '0x40' }");
            foreach (Match sample in Sample().Matches(scrape))
                test.AppendLine(CultureInfo.InvariantCulture, $"      - {{ series: '{sample.Groups[1].Value.Replace("'", "''", StringComparison.Ordinal)}', values: '{sample.Groups[2].Value}{(isGrowing && sample.Groups[1].Value.Contains("_total", StringComparison.Ordinal) ? "+" + sample.Groups[2].Value : "")}x40' }}");
            test.AppendLine("    promql_expr_test:").AppendLine(CultureInfo.InvariantCulture, $"      - expr: (count(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}) > bool 0) or vector(0)")
                .AppendLine("        eval_time: 30m").AppendLine("        exp_samples: [{ labels: '{}', value: 1 }]");
            var file = Path.Combine(folder, "test.yaml");
            await File.WriteAllTextAsync(file, test.ToString(), cancellationToken);
            var run = await RunAsync("promtool", ["test", "rules", file], "", cancellationToken);
            if (run.ExitCode == 0)
                firing.Add(alert);
            else
                Assert.That(run.Output, Does.Contain("got:"), run.Output);
        }

        Directory.Delete(folder, recursive: true);
        return firing;
    }

    /// <summary>Waits until what a scrape says fires all of these: what they look at comes with looks of its own.</summary>
    static async Task FiresAsync(string[] alerts, Func<Task<string>> scrape, CancellationToken cancellationToken)
    {
        var (said, firing) = ("", (IReadOnlyList<string>)[]);
        await Until.TrueAsync(
            async () => (firing = await FiringAsync(said = await scrape(), cancellationToken, only: alerts)).Count == alerts.Length,
            () => $"of {string.Join(", ", alerts)} only {string.Join(", ", firing)}{Environment.NewLine}{said}", cancellationToken);
    }

    static async Task<string> ScrapeAsync(OperatedPipeline pipeline, CancellationToken cancellationToken) =>
        await ScrapeAsync(pipeline.Pipeline.Capture!, cancellationToken) + await ScrapeAsync(pipeline.Pipeline.Writer!, cancellationToken);

    static async Task<string> ScrapeAsync(ProgramProcess process, CancellationToken cancellationToken)
    {
        await Until.TrueAsync(() => Task.FromResult(Address().IsMatch(process.Output)), () => process.Output, cancellationToken);
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(Address().Match(process.Output).Value + "/metrics"), cancellationToken);
    }

    /// <summary>Waits until a scrape has a text.</summary>
    static Task ShowsAsync(ProgramProcess process, string text, CancellationToken cancellationToken) => Until.TrueAsync(
        async () => (await ScrapeAsync(process, cancellationToken)).Contains(text, StringComparison.Ordinal), () => $"no {text} in what says{Environment.NewLine}{process.Output}", cancellationToken);

    static async Task<string> ReadyAsync(ProgramProcess process, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(Address().Match(process.Output).Value + "/healthz/ready"), cancellationToken);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}";
    }

    static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, string input, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await error);
    }

    static void Promtool()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
            Prerequisite.Missing("promtool (Debian's package prometheus)");
    }

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\bphilotes_[a-z_]+\b(?!/)")]
    private static partial Regex Named();

    [GeneratedRegex(@"^(philotes_\S+?(?:\{.*\})?) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"philotes_batch_failures_total\{[^}]*\} ([4-9]|\d\d)")]
    private static partial Regex FourFailures();

    [GeneratedRegex(@"philotes_slot_seconds_to_loss\{[^}]*\} (\S+)")]
    private static partial Regex SecondsToLoss();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}

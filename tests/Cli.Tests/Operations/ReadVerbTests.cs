using System.Text.Json;
using System.Text.RegularExpressions;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What an operator sees of a pipeline that works: each verb against a buffer that the real processes filled.</summary>
[NonParallelizable]
public sealed class ReadVerbTests
{
    OperatedPipeline _pipeline = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        _pipeline = await OperatedPipeline.StartAsync(
            """create table orders (id int primary key, note text, amount numeric(10,2)); create table "we.ird" (a int, b text, primary key (a, b));""", deadline.Token);
        await _pipeline.Pipeline.ExecuteAsync("insert into orders select i, 'note ' || i, i from generate_series(1, 300) as i", deadline.Token);
        await _pipeline.Pipeline.ExecuteAsync("update orders set note = E'chan\\u001bged', amount = 7.5 where id = 17; delete from orders where id = 18", deadline.Token);
        await _pipeline.Pipeline.ExecuteAsync("""insert into "we.ird" values (1, 'x=y')""", deadline.Token);
        await _pipeline.Pipeline.CatchUpAsync(deadline.Token);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _pipeline.DisposeAsync();

    [Test]
    public async Task A_row_is_found_by_its_key_with_every_change_and_where_it_went()
    {
        var found = await _pipeline.ItemsAsync("events", "find", "--table", "orders", "--key", "17");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Select(item => item.GetProperty("operation").GetString()), Is.EqualTo(new[] { "insert", "update" }));
            Assert.That(found.Select(item => item.GetProperty("status").GetString()), Is.All.EqualTo("committed"));
            Assert.That(found[1].GetProperty("new").GetProperty("amount").GetString(), Is.EqualTo("7.50"));
        }

        var position = found[1].GetProperty("position").GetString()!;
        var batch = found[1].GetProperty("batch").GetInt64();
        var shown = await _pipeline.OutputAsync("events", "show", position);
        var files = await _pipeline.ItemsAsync("files", "list", "--batch", $"{batch}");
        var batches = await _pipeline.ItemsAsync("batches", "show", $"{batch}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown, Does.Contain("update of public.orders").And.Contain("+ amount: 7.50").And.Contain($"batch     {batch}, committed"));
            Assert.That(shown, Does.Not.Contain('\u001b'), "a value never commands the terminal");
            Assert.That(shown, Does.Contain(files[0].GetProperty("path").GetString()));
            Assert.That(shown, Does.Contain($"snapshot  {batches[0].GetProperty("snapshot").GetString()}"));
            Assert.That(File.Exists(new Uri(files[0].GetProperty("path").GetString()!).LocalPath), Is.True);
        }
    }

    [Test]
    public async Task Events_are_chosen_by_operation_status_position_and_time()
    {
        var deleted = await _pipeline.ItemsAsync("events", "find", "--table", "public.orders", "--op", "delete");
        var lsn = deleted.Single().GetProperty("position").GetString()!.Split(':')[0];
        var upTo = await _pipeline.ItemsAsync("events", "count", "--table", "orders", "--lsn", $"..{lsn}");
        var later = await _pipeline.ItemsAsync("events", "find", "--table", "orders", "--from", "1h", "--status", "pending");
        var early = await _pipeline.ItemsAsync("events", "count", "--to", "2001-01-01T00:00Z");
        var weird = await _pipeline.ItemsAsync("events", "find", "--table", "public.\"we.ird\"", "--key", "a=1,b=x=y");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(deleted.Single().GetProperty("old").GetProperty("id").GetString(), Is.EqualTo("18"));
            Assert.That(upTo.Sum(item => item.GetProperty("events").GetInt64()), Is.EqualTo(302));
            Assert.That(later, Is.Empty);
            Assert.That(early, Is.Empty);
            Assert.That(weird, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Tail_is_the_newest_and_export_is_all_as_JSON_lines()
    {
        var tail = (await _pipeline.OutputAsync("events", "tail", "--table", "orders", "-n", "3", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var path = Path.GetTempFileName();
        await _pipeline.OutputAsync("events", "export", "--out", path);
        var lines = await File.ReadAllLinesAsync(path);
        File.Delete(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tail, Has.Length.EqualTo(3));
            Assert.That(JsonDocument.Parse(tail[^1]).RootElement.GetProperty("item").GetProperty("operation").GetString(), Is.EqualTo("delete"));
            Assert.That(lines, Has.Length.EqualTo(303));
            Assert.That(lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("item").GetProperty("position").GetString()), Is.Unique);
        }
    }

    [Test]
    public async Task Tables_slot_source_and_generations_are_shown()
    {
        var tables = await _pipeline.ItemsAsync("tables", "list");
        var slot = await _pipeline.ItemsAsync("slot", "show");
        var source = await _pipeline.ItemsAsync("source", "show");
        var generations = await _pipeline.ItemsAsync("retention", "show");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tables.Select(item => item.GetProperty("table").GetString()), Is.EquivalentTo(new[] { "orders", "we.ird" }));
            Assert.That(tables[0].GetProperty("committed").GetInt64(), Is.EqualTo(302));
            Assert.That(slot[0].GetProperty("active").GetBoolean(), Is.True);
            Assert.That(slot[0].GetProperty("walStatus").GetString(), Is.EqualTo("reserved"));
            Assert.That(source[0].GetProperty("state").GetString(), Is.EqualTo("streaming"));
            Assert.That(generations[0].GetProperty("events").GetInt64(), Is.EqualTo(303));
            Assert.That(generations[0].GetProperty("keptBy").GetString(), Is.EqualTo("open"));
        }
    }

    [Test]
    public async Task A_bundle_holds_what_helps_and_no_row_and_no_secret()
    {
        var path = Path.GetTempFileName();
        await _pipeline.OutputAsync("diag", "bundle", "--out", path, "--set", "lake.catalog.auth.bearer=geheim-1", "--set", "source.connection.password=geheim-2");
        using var zip = System.IO.Compression.ZipFile.OpenRead(path);
        var texts = zip.Entries.Select(entry => (entry.FullName, Text: new StreamReader(entry.Open()).ReadToEnd())).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(texts.Select(part => part.FullName), Is.SupersetOf(new[] { "configuration.yaml", "status.json", "doctor.json", "batches.json", "audit.json" }));
            Assert.That(texts.Where(part => part.Text.Contains("geheim", StringComparison.Ordinal) || part.Text.Contains("note 17", StringComparison.Ordinal)).Select(part => part.FullName), Is.Empty);
            Assert.That(texts.Single(part => part.FullName == "tables.json").Text, Does.Contain("orders"));
        }

        File.Delete(path);
    }

    [Test]
    public async Task Status_and_streams_come_in_every_format()
    {
        var yaml = await _pipeline.OutputAsync("status", "--output", "yaml");
        var csv = (await _pipeline.OutputAsync("status", "--output", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tail = await _pipeline.OutputAsync("events", "tail", "--table", "orders", "-n", "2", "--output", "yaml");
        var rows = (await _pipeline.OutputAsync("events", "export", "--table", "orders", "--output", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var batches = (await _pipeline.OutputAsync("batches", "list", "--output", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(yaml, Does.StartWith("---\napiVersion: \"philotes/v1\"\n").And.Contain("\ntables:\n  - source: \"shop\"\n    schema: \"public\"\n    table: \""));
            Assert.That(csv[0], Does.StartWith("source,schema,table,state,reason,buffered,committed,pending,"));
            Assert.That(csv[1..], Has.Length.EqualTo(2).And.One.StartsWith("shop,public,orders,active,,302,302,0,"));
            Assert.That(Regex.Count(tail, "^---$", RegexOptions.Multiline), Is.EqualTo(2));
            Assert.That(tail, Does.Contain("\n  operation: \"delete\"\n"));
            Assert.That(rows, Has.Length.EqualTo(303), "a header and each change");
            Assert.That(rows[0], Does.StartWith("position,"));
            Assert.That(batches[0], Does.StartWith("batch,"));
        }
    }

    /// <summary>On a terminal, which script(1) makes.</summary>
    [Test, CancelAfter(60_000)]
    public async Task Colours_are_for_terminals_and_for_who_wants_them()
    {
        if (!File.Exists("/usr/bin/script"))
            Assert.Ignore("script is not installed");
        var list = $"dotnet {Programs.Find("Cli")} tables list --config {_pipeline.Pipeline.ConfigurationFile}";
        await _pipeline.OutputAsync("tables", "pause", "we.ird".Replace("we.ird", "public.\"we.ird\"", StringComparison.Ordinal), "--yes");
        var terminal = new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["COLUMNS"] = "200" };
        var coloured = await ChildProcess.RunAsync("script", ["-qec", list, "/dev/null"], terminal);
        var plain = await ChildProcess.RunAsync("script", ["-qec", list + " --no-color", "/dev/null"], terminal);
        var unwanted = await ChildProcess.RunAsync("script", ["-qec", list, "/dev/null"], new Dictionary<string, string>(terminal) { ["NO_COLOR"] = "1" });
        var file = await ChildProcess.RunAsync("sh", ["-c", list], terminal);
        await _pipeline.OutputAsync("tables", "resume", "public.\"we.ird\"", "--yes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(coloured, Does.Match("\u001b[[][0-9;]*mpaused\u001b[[]0m"));
            foreach (var without in new[] { plain, unwanted, file })
                Assert.That(without, Does.Contain("paused").And.Not.Match("\u001b[[][0-9;]*m"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_is_watched_is_shown_again_until_it_is_interrupted(CancellationToken cancellationToken)
    {
        await using var watch = ProgramProcess.Start("Cli", _pipeline.Pipeline.ConfigurationFile, null, "source", "show", "--watch", "--json");
        await Until.TrueAsync(() => Task.FromResult(Regex.Count(watch.Output, "\"kind\": \"sources\"") >= 2), () => watch.Output, cancellationToken);
        Assert.That(await watch.InterruptAsync(cancellationToken), Is.EqualTo(ExitCode.Interrupted));
    }

    [TestCase("bash")]
    [TestCase("zsh")]
    [TestCase("fish")]
    [TestCase("pwsh")]
    public async Task Words_are_completed_by_the_program_itself(string shell)
    {
        Assert.That(await _pipeline.OutputAsync("completion", shell), Does.Contain("[suggest:"));
        var run = await CliRun.OfAsync("[suggest:16]", "philotes events f");
        Assert.That(run.Output, Does.Contain("find"));
    }

    [TestCase("events", "find", "--key", "17")]
    [TestCase("events", "find", "--lsn", "nowhere")]
    [TestCase("events", "find", "--from", "yesterday-ish")]
    [TestCase("events", "show", "0-1")]
    public async Task An_argument_that_makes_no_sense_is_said_to(params string[] args)
    {
        var run = await _pipeline.RunAsync(args);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Configuration, run.Error)));
        Assert.That(run.Error, Does.StartWith("command line: "));
    }

    [TestCase("events", "show", "0/1:0")]
    [TestCase("batches", "show", "4711")]
    [TestCase("tables", "pause", "nobody")]
    public async Task What_is_not_there_is_refused_by_name(params string[] args)
    {
        var run = await _pipeline.RunAsync(args);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Refused), run.Error);
        Assert.That(run.Error, Does.StartWith("PH014: "));
    }
}

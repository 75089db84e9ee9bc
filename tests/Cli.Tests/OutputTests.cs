using System.Text.Json;
using System.Text.RegularExpressions;
using Philotes.Hosting;
using Philotes.Testing;
using YamlDotNet.Serialization;

namespace Philotes.Cli.Tests;

/// <summary>The formats in which a verb that reads shows what it read, and the exit codes.</summary>
public sealed class OutputTests
{
    [Test]
    public async Task One_document_is_the_same_in_JSON_and_YAML_and_a_row_in_CSV()
    {
        var json = JsonDocument.Parse((await CliRun.OfAsync("explain", "PH105", "--output", "json")).Output).RootElement;
        var shorter = await CliRun.OfAsync("explain", "PH105", "--json");
        var yaml = (await CliRun.OfAsync("explain", "PH105", "--output", "yaml")).Output;
        var csv = (await CliRun.OfAsync("explain", "PH105", "--output", "csv")).Output;
        var text = json.GetProperty("items")[0].GetProperty("text").GetString()!;
        var parsed = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(yaml);
        var item = (Dictionary<object, object>)((List<object>)parsed["items"])[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(JsonDocument.Parse(shorter.Output).RootElement.ToString(), Is.EqualTo(json.ToString()));
            Assert.That((json.GetProperty("apiVersion").GetString(), json.GetProperty("kind").GetString()), Is.EqualTo(("philotes/v1", "code")));
            Assert.That((parsed["apiVersion"], parsed["kind"], item["code"], item["text"]), Is.EqualTo(("philotes/v1", "code", "PH105", text)));
            Assert.That(csv, Is.EqualTo($"code,text\nPH105,\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n"));
            Assert.That((await CliRun.OfAsync("explain", "PH105", "--output", "xml")).ExitCode, Is.EqualTo(ExitCode.Usage));
        }
    }

    [TestCase("""{"a":"x\ny: \"z\" # 'no'","b":null,"yes":true,"on":[1,"- 2",[],{}],"c":{"deep er":[{"x":1,"y":[{"z":"\u0007🐘"}]},"~"]},"d":"","e":-1.5e300,"f":[[1,2],[3]]}""")]
    [TestCase("""{"only":"012","date":"2024-02-29","truth":"yes","null":"null","colon":": ","tab":"\t"}""")]
    public void YAML_says_what_the_JSON_says(string text)
    {
        using var document = JsonDocument.Parse(text);
        using var output = new StringWriter();
        YamlText.Write(output, document.RootElement);
        Says(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(output.ToString()), document.RootElement, output.ToString());
    }

    /// <summary>As another program reads the YAML.</summary>
    static void Says(object? read, JsonElement value, string yaml)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = (Dictionary<object, object?>)read!;
                Assert.That(members.Keys, Is.EqualTo(value.EnumerateObject().Select(member => member.Name)), yaml);
                foreach (var member in value.EnumerateObject())
                    Says(members[member.Name], member.Value, yaml);
                break;
            case JsonValueKind.Array:
                var items = (List<object?>)read!;
                Assert.That(items, Has.Count.EqualTo(value.GetArrayLength()), yaml);
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                    Says(items[i], item, yaml);
                break;
            case JsonValueKind.Number:
                Assert.That(Convert.ToDouble(read, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(value.GetDouble()), yaml);
                break;
            case JsonValueKind.String:
                Assert.That(read, Is.EqualTo(value.GetString()), yaml);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.That(read, Is.EqualTo(value.GetBoolean()), yaml);
                break;
            default:
                Assert.That(read, Is.Null, yaml);
                break;
        }
    }

    [Test]
    public async Task Every_verb_that_reads_has_the_formats_and_its_members_documented()
    {
        var sections = Regex.Split(await File.ReadAllTextAsync(Peers.Repository("docs", "cli.md")), "^(?=###? )", RegexOptions.Multiline);
        var reading = sections.Where(section => section.Contains("`--output`, kind `", StringComparison.Ordinal)).ToList();
        Assert.That(reading, Has.Count.GreaterThan(25));
        using (Assert.EnterMultipleScope())
        {
            foreach (var section in reading)
            {
                Assert.That(section, Does.Contain("| `--output` | table, json, yaml or csv").And.Contain("| `--json` |"));
            }
        }
    }

    /// <summary>No other: doctor repairs and writes a probe, verify reads both sides, replay plan takes a number, orphans list asks the store for each object.</summary>
    [Test]
    public async Task Only_what_looks_and_costs_little_is_watched()
    {
        var sections = Regex.Split((await CliRun.OfAsync("reference")).Output, "^(?=###? )", RegexOptions.Multiline);
        var watched = sections.Where(section => section.Contains("| `--watch`, `-w` |", StringComparison.Ordinal)).Select(section => section.Split('\n')[0].TrimStart('#', ' '));
        var doctor = await CliRun.OfAsync("doctor", "--fix", "--yes", "--watch");
        Assert.That(watched, Is.EquivalentTo(new[]
        {
            "audit list", "batches list", "batches show", "dlq list", "events show", "files list", "replay status", "retention show", "schema status", "slot show", "snapshot status", "source show",
            "status", "tables list",
        }));
        Assert.That(doctor.ExitCode, Is.EqualTo(ExitCode.Usage), doctor.Output);
    }

    [Test]
    public async Task A_bug_is_exit_code_1_and_told_in_full()
    {
        using var error = new StringWriter();
        await using var broken = new BrokenWriter();
        var exitCode = await CommandTree.RunAsync(["version"], broken, error);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Bug));
        Assert.That(error.ToString(), Does.StartWith("System.InvalidOperationException: a bug").And.Contain("at Philotes.Cli."));
    }

    [TestCase("PH201", ExitCode.Blocked)]
    [TestCase("PH014", ExitCode.Refused)]
    [TestCase("PH121", ExitCode.Preflight)]
    [TestCase("PH125", ExitCode.Unreachable)]
    [TestCase("PH601", ExitCode.Configuration)]
    [TestCase("PH900", ExitCode.Bug)]
    public void A_code_has_its_exit_code(string code, int exitCode) => Assert.That(ExitCode.Of(new Shared.PhilotesException(code, "")), Is.EqualTo(exitCode));

    [TestCase("diag", "bundle", "--out", "/nowhere/at/all.zip")]
    [TestCase("diag", "bundle", "--out", "/tmp")]
    public async Task A_file_that_cannot_be_written_is_said_to_be(params string[] args)
    {
        var run = await CliRun.OfAsync(args);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCode.Configuration, "")));
        Assert.That(run.Error, Does.Match("^command line: --out: '/[^']+' cannot be written: .+\n$"));
    }

    sealed class BrokenWriter : StringWriter
    {
        public override void Write(char[] buffer, int index, int count) => throw new InvalidOperationException("a bug");

        public override void Write(string? value) => throw new InvalidOperationException("a bug");

        public override void WriteLine(string? value) => throw new InvalidOperationException("a bug");
    }
}

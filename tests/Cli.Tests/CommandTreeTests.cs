using Philotes.Hosting;

namespace Philotes.Cli.Tests;

public sealed class CommandTreeTests
{
    [Test]
    public async Task Version_is_one_line()
    {
        var run = await CliRun.OfAsync("version");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(run.Output, Does.Match(@"\Aphilotes \d+\.\d+\.\d+\S* \(\S+\)\n\z"));
    }

    [TestCase("bogus")]
    [TestCase("schema", "sideways")]
    [TestCase("dev")]
    [TestCase("demo", "--seconds", "soon")]
    public async Task A_word_that_is_not_known_is_a_usage_error(params string[] args)
    {
        var run = await CliRun.OfAsync(args);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain("philotes --help"));
    }

    [Test]
    public async Task A_bad_configuration_is_exit_code_3_and_names_every_error()
    {
        var run = await CliRun.OfAsync("config", "validate", "--set", "sorce.slot=x", "--set", "writer.lease=30");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCode.Configuration, "")));
        Assert.That(run.Error, Is.EqualTo("""
            command line: sorce: is not a known key; did you mean source?
            command line: writer.lease: "30" is not a duration with its unit (ms, s, m, h, d), such as 15s

            """));
    }

    [Test]
    public async Task Config_show_prints_what_was_set_with_its_origin()
    {
        var run = await CliRun.OfAsync(
            "config", "show", "--origin", "--set", "source.slot=orders", "--set", "source.connection={host: db1, database: a, user: u, password: geheim}", "--set", "tables=[{match: public.*}]");
        Assert.That(run.Output, Is.EqualTo("""
            source:
              connection:
                host: db1           # command line
                database: a         # command line
                user: u             # command line
                password: "***"     # command line
              slot: orders          # command line
            tables:
              - match: "public.*"   # command line

            """));
    }

    [Test]
    public async Task The_configuration_is_a_document_too_with_where_each_value_was_said_and_no_secret()
    {
        string[] set = ["--set", "source.slot=orders", "--set", "source.connection={host: db1, database: a, user: u, password: geheim}", "--set", "tables=[{match: public.*}]"];
        var show = await CliRun.OfAsync(["config", "show", "--json", .. set]);
        var validate = await CliRun.OfAsync(["config", "validate", "--output", "csv", .. set]);
        using var document = System.Text.Json.JsonDocument.Parse(show.Output);
        var items = document.RootElement.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("key").GetString()!, item => (item.GetProperty("value").GetString(), item.GetProperty("origin").GetString()));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(items["source.slot"].Item1, Is.EqualTo("orders"));
            Assert.That(items["source.slot"].Item2, Is.EqualTo("command line"));
            Assert.That(items["tables[0].match"].Item1, Is.EqualTo("public.*"));
            Assert.That(items["source.connection.password"].Item1, Is.EqualTo("***"));
            Assert.That(validate.Output, Does.StartWith("warning").And.Not.Contain("geheim"));
            Assert.That(show.Output, Does.Not.Contain("geheim"));
        }
    }

    [Test]
    public async Task Commands_that_read_the_buffer_say_when_it_is_not_configured()
    {
        var run = await CliRun.OfAsync("status");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Configuration));
        Assert.That(run.Error, Does.Contain("buffer.connection"));
    }

    [Test]
    public async Task A_buffer_that_is_not_there_is_exit_code_5()
    {
        var run = await CliRun.OfAsync("schema", "status", "--set", "buffer.connection={host: 127.0.0.1, port: 1, database: a, user: u, tls: disable}");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Unreachable));
        Assert.That(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(1));
    }

    [TestCase("Host=db1", "must have Host, Database and Username")]
    [TestCase("nonsense", "is no connection string")]
    public async Task Dev_refuses_a_connection_string_that_is_none(string source, string message)
    {
        var run = await CliRun.OfAsync("dev", "--source", source);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Configuration));
        Assert.That(run.Error, Does.Contain(message));
    }
}

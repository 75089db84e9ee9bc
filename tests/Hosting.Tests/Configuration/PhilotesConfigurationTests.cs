namespace Philotes.Hosting.Tests.Configuration;

public sealed class PhilotesConfigurationTests
{
    [Test]
    public void Every_section_of_the_file_arrives_in_the_options()
    {
        var options = Samples.Load(Samples.Full).Options;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Source.Connection!.Port, Is.EqualTo(5433));
            Assert.That(options.Source.Connection.Password!.Reveal(), Is.EqualTo("hunter2"));
            Assert.That(options.Writer.Memory, Is.EqualTo(ByteSize.FromMebibytes(512)));
            Assert.That(options.Buffer.ReplayWindow, Is.EqualTo(TimeSpan.FromDays(3)));
            Assert.That(options.Observability.LogFormat, Is.EqualTo(LogFormat.Json));
            Assert.That(options.Lake.Catalog!.Uri, Is.EqualTo(new Uri("https://catalog.internal/catalog")));
            Assert.That(options.Tables, Has.Count.EqualTo(2));
        }
    }

    [Test]
    public void Nothing_at_all_is_a_valid_configuration_of_defaults() =>
        Assert.That(PhilotesConfiguration.Load(null, new Dictionary<string, string?>(), []).Options.Writer.Parallelism, Is.EqualTo(4));

    [Test]
    public void The_environment_overrides_the_file_and_the_command_line_overrides_both()
    {
        var environment = new Dictionary<string, string?>
        {
            ["SRC"] = "x",
            ["PHILOTES__SOURCE__SLOT"] = "from_environment",
            ["PHILOTES__SOURCE__NAME"] = "from_environment",
            ["PHILOTES__TABLES__0__MATCH"] = "sales.*",
        };
        var loaded = Samples.Load(Samples.Full, environment, "source.slot=from_command_line", "tables:0:properties:a.b=c");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.Options.Source.Slot, Is.EqualTo("from_command_line"));
            Assert.That(loaded.Options.Source.Name, Is.EqualTo("from_environment"));
            Assert.That(loaded.Options.Tables[0].Match!.ToString(), Is.EqualTo("sales.*"));
            Assert.That(loaded.Options.Tables[0].Properties["a.b"], Is.EqualTo("c"));
            Assert.That(loaded.Origins["source.slot"].Where, Is.EqualTo("command line"));
            Assert.That(loaded.Origins["source.name"].Where, Is.EqualTo("environment PHILOTES__SOURCE__NAME"));
            Assert.That(loaded.Origins["source.publication.name"].Line, Is.EqualTo(6));
        }
    }

    [Test]
    public void A_whole_list_can_come_from_the_environment()
    {
        var environment = new Dictionary<string, string?> { ["PHILOTES__TABLES"] = "[{ match: a.b }, { match: c.* }]" };
        Assert.That(PhilotesConfiguration.Load(null, environment, []).Options.Tables, Has.Count.EqualTo(2));
    }

    [Test]
    public void Every_error_is_reported_at_once_with_file_line_key_and_remedy()
    {
        var errors = Samples.Errors("""
            version: 1
            sorce: { name: x }
            writer:
              lease: 30
              parallelism: many
              memory: 8MB
            tables:
              - match: nodot
              - exclude: [a.b]
            """);
        var lines = errors.Select(error => $"{error.Origin.Line} {error.Key}").ToList();
        Assert.That(lines, Is.EqualTo(new[]
        {
            "2 sorce", "4 writer.lease", "5 writer.parallelism", "6 writer.memory", "8 tables[0].match", "9 tables[1].match",
        }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(errors[0].Message, Does.Contain("did you mean source?"));
            Assert.That(errors[1].Message, Does.Contain("such as 15s"));
            Assert.That(errors[3].Message, Does.Contain("such as 8MiB"));
            Assert.That(errors[5].Message, Does.Contain("is missing"));
            Assert.That(errors, Has.All.Matches<ConfigurationError>(error => error!.Origin.Where.EndsWith(".yaml", StringComparison.Ordinal)));
        }
    }

    [TestCase("a: [1", "is not valid YAML")]
    [TestCase("source:\n  slot: a\n  slot: b", "is not valid YAML")]
    [TestCase("a: 1\n---\nb: 2", "second document")]
    [TestCase("[1, 2]", "must hold keys and values")]
    public void A_file_that_is_no_configuration_is_refused_with_its_line(string yaml, string message)
    {
        var errors = Samples.Errors(yaml);
        Assert.That(errors[0].ToString(), Does.Contain(message));
        Assert.That(errors[0].Origin.Line, Is.GreaterThan(0));
    }

    [Test]
    public void A_missing_file_is_said_to_be_missing() =>
        Assert.That(() => PhilotesConfiguration.Load("/no/such/philotes.yaml", Samples.Environment, []),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("cannot be read"));

    [TestCase("source: { slot: UPPER }", "source.slot")]
    [TestCase("source: { connection: { host: a, database: b } }", "source.connection.user")]
    [TestCase("source: { connection: { host: a, database: b, user: c, port: 70000 } }", "source.connection.port")]
    [TestCase("lake: { catalog: { uri: catalog.internal } }", "lake.catalog.uri")]
    [TestCase("lake: { catalog: { uri: 'ftp://x' } }", "lake.catalog.uri")]
    [TestCase("lake: { namespace: '{shema}' }", "lake.namespace")]
    [TestCase("tables: [{ match: a.b, partition: ['buckets(16,id)'] }]", "tables[0].partition[0]")]
    [TestCase("tables: [{ match: a.b, sort: ['id down'] }]", "tables[0].sort[0]")]
    [TestCase("tables: { match: a.b }", "tables")]
    [TestCase("defaults: { mode: mirror }", "defaults.mode")]
    [TestCase("version: 2", "version")]
    [TestCase("writer: 4", "writer")]
    [TestCase("catalog: { listen: '8181' }", "catalog.listen")]
    public void A_value_that_cannot_be_meant_is_refused_at_its_key(string yaml, string key) =>
        Assert.That(Samples.Errors(yaml).Select(error => error.Key), Is.EqualTo(new[] { key }));

    [Test]
    public void A_process_names_the_sections_that_it_lacks()
    {
        var loaded = Samples.Load("version: 1");
        Assert.That(() => loaded.Require(PhilotesProcess.Capture),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("source.connection").And.Message.Contains("buffer.connection"));
    }
}

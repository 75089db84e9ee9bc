using System.Text.RegularExpressions;
using Philotes.Testing;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Philotes.Hosting.Tests.Containers;

/// <summary>The form of docker/, where no container engine runs: what an engine would refuse at once, and what makes an image safe to run.</summary>
public sealed partial class ContainerFilesTests
{
    private static readonly string[] Instructions =
        ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];

    /// <summary>What the task <c>publish</c> makes sure of, and the ending of everything else there.</summary>
    private static readonly string[] Published = ["philotes", "philotes-capture", "philotes-batch-writer", "philotes-catalog", "libduckdb.so", "*.dll", "*.json"];

    [TestCase("capture", "philotes-capture")]
    [TestCase("batch-writer", "philotes-batch-writer")]
    public void An_image_runs_its_program_as_a_user_that_is_not_root(string name, string program)
    {
        var lines = Dockerfile(name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines.Select(line => line.Instruction), Is.SubsetOf(Instructions));
            Assert.That(lines.TakeWhile(line => line.Instruction == "ARG").Count(), Is.EqualTo(1), "the one argument stands before FROM");
            Assert.That(lines.Single(line => line.Instruction == "FROM").Arguments, Is.EqualTo("${RUNTIME_IMAGE}"));
            Assert.That(lines.Any(line => line.Instruction is "RUN" or "ADD" or "SHELL"), Is.False, "the runtime image has no shell, and nothing is fetched");
            Assert.That(int.Parse(lines.Last(line => line.Instruction == "USER").Arguments, System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(0));
            Assert.That(lines.Single(line => line.Instruction == "ENTRYPOINT").Arguments, Is.EqualTo($"[\"/opt/philotes/{program}\"]"));
            Assert.That(lines.Single(line => line.Instruction == "COPY").Arguments, Does.Contain($"artifacts/publish/{program} "));
        }
    }

    [TestCase("capture")]
    [TestCase("batch-writer")]
    public void An_image_takes_what_publishing_makes_and_nothing_else(string name)
    {
        var sources = Dockerfile(name).Where(line => line.Instruction == "COPY").SelectMany(line => line.Arguments.Split(' ')[..^1]).ToList();
        Assert.That(sources, Is.Not.Empty.And.All.StartsWith("artifacts/publish/"));
        Assert.That(sources.Select(source => source["artifacts/publish/".Length..]), Is.SubsetOf(Published));
        Assert.That(File.ReadAllLines(Peers.Repository(".dockerignore")).Where(line => line.Length > 0 && line[0] != '#'), Is.EqualTo(new[] { "*", "!artifacts/publish" }));
        var publish = File.ReadAllText(Peers.Repository("build.cake"));
        Assert.That(Published.Where(file => file[0] != '*'), Has.All.Matches<string>(file => publish.Contains($"\"{file}\"", StringComparison.Ordinal)), "the task publish refuses to end without it");
    }

    [Test]
    public void The_writers_image_has_DuckDBs_library_where_the_program_looks_for_it()
    {
        var lines = Dockerfile("batch-writer");
        Assert.That(lines.Single(line => line.Instruction == "COPY").Arguments, Does.Contain("artifacts/publish/libduckdb.so").And.EndsWith(" ./"));
        Assert.That(lines.Single(line => line.Instruction == "WORKDIR").Arguments, Is.EqualTo("/opt/philotes"));
        Assert.That(lines.Single(line => line.Instruction == "ENV").Arguments, Does.Contain("PHILOTES_NATIVE=/opt/philotes/libduckdb.so"));
    }

    [Test]
    public void The_composition_is_YAML_whose_services_are_all_there()
    {
        var root = Compose();
        var services = Map(root, "services");
        var volumes = Map(root, "volumes").Children.Keys.Select(key => ((YamlScalarNode)key).Value).ToList();
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, service) in services.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlMappingNode)pair.Value)))
            {
                Assert.That(HasKey(service, "image") || HasKey(service, "build"), Is.True, $"{name} has an image");
                if (service.Children.TryGetValue("depends_on", out var others))
                    Assert.That(((YamlMappingNode)others).Children.Keys.Select(key => key.ToString()), Has.All.Matches<string?>(other => HasKey(services, other)), name);
                foreach (var mount in service.Children.TryGetValue("volumes", out var mounts) ? ((YamlSequenceNode)mounts).Select(mount => mount.ToString().Split(':')[0]) : [])
                    Assert.That(mount[0] != '.' ? volumes.Contains(mount) : mount.EndsWith("artifacts/publish", StringComparison.Ordinal) || File.Exists(Path.Combine(Folder, mount)), Is.True, $"{name} mounts {mount}");
                foreach (var port in service.Children.TryGetValue("ports", out var ports) ? ((YamlSequenceNode)ports).Select(port => port.ToString()) : [])
                    Assert.That(port, Does.StartWith("127.0.0.1:"), $"{name} is open to this machine alone");
            }
        }

        Assert.That(services.Children.Keys.Select(key => key.ToString()), Is.SupersetOf(new[] { "source", "buffer", "store", "lakekeeper", "capture", "batch-writer" }));
    }

    [Test]
    public void No_file_names_a_registry() =>
        Assert.That(Directory.GetFiles(Folder).SelectMany(File.ReadAllLines).Where(line => Image().Match(line) is { Success: true } image && image.Groups[1].Value.Contains('.', StringComparison.Ordinal)), Is.Empty);

    [TestCase(PhilotesProcess.Capture)]
    [TestCase(PhilotesProcess.BatchWriter)]
    public void The_compositions_configuration_is_one_that_the_programs_take(PhilotesProcess process)
    {
        var environment = new Dictionary<string, string?> { ["POSTGRES_PASSWORD"] = "philotes", ["STORE_SECRET"] = "philotes-secret" };
        var options = PhilotesConfiguration.Load(Path.Combine(Folder, "philotes.yaml"), environment, []).Require(process);
        Assert.That(options.Lake.Catalog!.Uri!.Host, Is.EqualTo("lakekeeper"));
        var services = Map(Compose(), "services");
        Assert.That(new[] { options.Source.Connection!.Host, options.Buffer.Connection!.Host, options.Lake.Store.Endpoint!.Host }, Has.All.Matches<string?>(host => HasKey(services, host)));
    }

    private static string Folder => Peers.Repository("docker");

    private static List<(string Instruction, string Arguments)> Dockerfile(string name) =>
        [.. File.ReadAllLines(Path.Combine(Folder, $"{name}.Dockerfile")).Where(line => line.Length > 0 && line[0] != '#').Select(line => (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];

    /// <summary>With its anchors merged, as an engine reads it.</summary>
    private static YamlMappingNode Compose()
    {
        var yaml = new YamlDotNet.Serialization.DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(File.ReadAllText(Path.Combine(Folder, "compose.yaml"))))));
        var stream = new YamlStream();
        stream.Load(new StringReader(new YamlDotNet.Serialization.SerializerBuilder().DisableAliases().Build().Serialize(yaml)));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node[key];

    private static bool HasKey(YamlMappingNode node, string? key) => key is not null && node.Children.ContainsKey(new YamlScalarNode(key));

    // The part of an image's name before its first slash, where there is one.
    [GeneratedRegex(@"^\s*(?:image:|FROM)\s+([^/\s$]+)/")]
    private static partial Regex Image();
}

using FsCheck;
using FsCheck.Fluent;
using YamlDotNet.RepresentationModel;

namespace Philotes.Hosting.Tests.Configuration;

/// <summary>Takes the full sample, spoils one scalar or one key, and expects exactly that place to be named.</summary>
public sealed class MutatedConfigurationTests
{
    /// <summary>Keys that take any text; a spoilt value is as good as the old one.</summary>
    static readonly string[] FreeText = ["host", "database", "user", "password", "bearer", "warehouse", "name", "time", "namespace", "table", "write.target-file-size-bytes"];

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property A_misspelt_key_is_refused_with_its_line_and_name() => Prop.ForAll(
        Gen.Choose(0, Keys(_ => true).Count - 1).ToArbitrary(),
        index =>
        {
            var key = Keys(_ => true)[index];
            var spoilt = Replace(key, "zz_" + key.Value);
            var errors = Samples.Errors(spoilt);
            return IsPropertyName(key) || errors.Any(error => error.Origin.Line == key.Start.Line && error.Key.Contains("zz_", StringComparison.Ordinal));
        });

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property A_spoilt_value_is_refused_with_its_line_and_key() => Prop.ForAll(
        Gen.Choose(0, Values().Count - 1).ToArbitrary(),
        Gen.Elements("@@", "-1", "12 parsecs", "[]", "{}", "${vault:x}", "99999999999999999999GiB").ToArbitrary(),
        (index, wrong) =>
        {
            var (key, value) = Values()[index];
            var quoted = wrong is "[]" or "{}" ? wrong : $"\"{wrong}\"";
            var errors = Samples.Errors(Replace(value, quoted));
            return errors.Any(error => error.Origin.Line == value.Start.Line && error.Key.Contains(key, StringComparison.Ordinal));
        });

    /// <summary>Names under types and properties are the user's own.</summary>
    static bool IsPropertyName(YamlScalarNode key) => key.Value is "time" or "write.target-file-size-bytes";

    static List<YamlScalarNode> Keys(Func<YamlScalarNode, bool> take) =>
        [.. Mappings().SelectMany(map => map.Children.Keys).OfType<YamlScalarNode>().Where(key => !IsPropertyName(key) && take(key))];

    static List<(string Key, YamlScalarNode Value)> Values() =>
    [
        .. Mappings().SelectMany(map => map.Children)
            .Where(pair => pair.Value is YamlScalarNode && !FreeText.Contains(((YamlScalarNode)pair.Key).Value))
            .Select(pair => (((YamlScalarNode)pair.Key).Value!, (YamlScalarNode)pair.Value)),
    ];

    static List<YamlMappingNode> Mappings()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Samples.Full));
        return [.. stream.Documents[0].AllNodes.OfType<YamlMappingNode>()];
    }

    static string Replace(YamlScalarNode node, string text) =>
        string.Concat(Samples.Full.AsSpan(0, (int)node.Start.Index), text, Samples.Full.AsSpan((int)node.End.Index));
}

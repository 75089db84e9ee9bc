using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Philotes.Hosting;

/// <summary>YAML to nodes with their lines. One document, plain keys, at most 32 levels.</summary>
static class YamlSource
{
    const int DepthMax = 32;

    /// <exception cref="YamlException">The text is not YAML, or not the YAML of a configuration.</exception>
    public static ConfigurationNode Parse(string yaml, Func<long, ConfigurationOrigin> originOfLine)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Count switch
        {
            0 => new MapNode(originOfLine(1)),
            1 => Convert(stream.Documents[0].RootNode, originOfLine, depth: 0),
            _ => throw new YamlException(stream.Documents[1].RootNode.Start, Mark.Empty, "a second document (---); there must be one"),
        };
    }

    static ConfigurationNode Convert(YamlNode node, Func<long, ConfigurationOrigin> originOfLine, int depth)
    {
        if (depth > DepthMax)
            throw new YamlException(node.Start, node.End, "values are nested too deeply");
        var origin = originOfLine(node.Start.Line);
        return node switch
        {
            YamlScalarNode scalar => new ScalarNode(origin, IsNull(scalar) ? null : scalar.Value),
            YamlSequenceNode sequence => ConvertList(sequence, origin, originOfLine, depth),
            YamlMappingNode mapping => ConvertMap(mapping, origin, originOfLine, depth),
            _ => throw new YamlException(node.Start, node.End, "a value of an unknown kind"),
        };
    }

    static ListNode ConvertList(YamlSequenceNode sequence, ConfigurationOrigin origin, Func<long, ConfigurationOrigin> originOfLine, int depth)
    {
        var list = new ListNode(origin);
        list.Items.AddRange(sequence.Children.Select(child => Convert(child, originOfLine, depth + 1)));
        return list;
    }

    static MapNode ConvertMap(YamlMappingNode mapping, ConfigurationOrigin origin, Func<long, ConfigurationOrigin> originOfLine, int depth)
    {
        var map = new MapNode(origin);
        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
                throw new YamlException(key.Start, key.End, "a key that is not plain text");
            // An empty value stands where the next token is; its key's line is the one that a person looks for.
            var converted = Convert(value, originOfLine, depth + 1);
            map.Entries[name] = converted is ScalarNode scalar ? new ScalarNode(originOfLine(key.Start.Line), scalar.Text) : Rebase(converted, key);
        }
        return map;

        ConfigurationNode Rebase(ConfigurationNode converted, YamlNode key)
        {
            var at = originOfLine(key.Start.Line);
            if (converted is ListNode list)
            {
                var moved = new ListNode(at);
                moved.Items.AddRange(list.Items);
                return moved;
            }
            var map = new MapNode(at);
            foreach (var (name, entry) in ((MapNode)converted).Entries)
                map.Entries[name] = entry;
            return map;
        }
    }

    static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null" && scalar.Style == ScalarStyle.Plain;
}

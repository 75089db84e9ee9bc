using System.Globalization;
using YamlDotNet.Core;

namespace Philotes.Hosting;

/// <summary>Puts one value over a tree, making the maps and lists on the way.</summary>
static class Overlay
{
    public static void Set(MapNode root, string[] path, string text, ConfigurationOrigin origin, List<ConfigurationError> errors)
    {
        var key = string.Join('.', path);
        if (Array.Exists(path, part => part.Length == 0))
        {
            errors.Add(new ConfigurationError(origin, key, "has an empty part; keys look like source.connection.host"));
            return;
        }
        ConfigurationNode node = root;
        for (var i = 0; i < path.Length - 1; i++)
        {
            var child = Get(node, path[i]);
            if (child is null or ScalarNode)
            {
                child = IsIndex(path[i + 1]) ? new ListNode(origin) : new MapNode(origin);
                if (!Put(node, path[i], child))
                    break;
            }
            node = child;
        }
        if (!Put(node, path[^1], Value(text, origin)))
            errors.Add(new ConfigurationError(origin, key, "does not fit: list items count from 0 without a gap"));
    }

    static ConfigurationNode? Get(ConfigurationNode node, string part) => node switch
    {
        MapNode map => map.Entries.GetValueOrDefault(part),
        ListNode list when IsIndex(part) && Index(part) < list.Items.Count => list.Items[Index(part)],
        _ => null,
    };

    static bool Put(ConfigurationNode node, string part, ConfigurationNode value)
    {
        switch (node)
        {
            case MapNode map:
                map.Entries[part] = value;
                return true;
            case ListNode list when IsIndex(part) && Index(part) < list.Items.Count:
                list.Items[Index(part)] = value;
                return true;
            case ListNode list when IsIndex(part) && Index(part) == list.Items.Count:
                list.Items.Add(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Text as it is, unless it is a YAML list or map in brackets.</summary>
    static ConfigurationNode Value(string text, ConfigurationOrigin origin)
    {
        if (text.Length == 0 || text[0] is not ('[' or '{'))
            return new ScalarNode(origin, text);
        try
        {
            return YamlSource.Parse(text, _ => origin);
        }
        catch (YamlException)
        {
            return new ScalarNode(origin, text);
        }
    }

    static bool IsIndex(string part) => part.Length is > 0 and < 5 && part.All(char.IsAsciiDigit);

    static int Index(string part) => int.Parse(part, CultureInfo.InvariantCulture);
}

namespace Philotes.Hosting;

/// <summary>Keys in the order in which they were written.</summary>
sealed class MapNode(ConfigurationOrigin origin) : ConfigurationNode(origin)
{
    public OrderedDictionary<string, ConfigurationNode> Entries { get; } = new(StringComparer.Ordinal);
}

namespace Philotes.Hosting;

sealed class ListNode(ConfigurationOrigin origin) : ConfigurationNode(origin)
{
    public List<ConfigurationNode> Items { get; } = [];
}

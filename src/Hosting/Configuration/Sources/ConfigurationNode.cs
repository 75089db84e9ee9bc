namespace Philotes.Hosting;

/// <summary>A value as it was written, before anything is known about what it means, with the place where it stands.</summary>
abstract class ConfigurationNode(ConfigurationOrigin origin)
{
    public ConfigurationOrigin Origin { get; } = origin;
}

namespace Philotes.Hosting;

/// <summary>Text is null for a YAML null, which means that the key is not set.</summary>
sealed class ScalarNode(ConfigurationOrigin origin, string? text) : ConfigurationNode(origin)
{
    public string? Text { get; } = text;
}

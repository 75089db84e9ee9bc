using YamlDotNet.Core;

namespace Philotes.Hosting;

/// <summary>Lays file, environment and command line over each other; the later one wins key by key, a list is replaced item by item.</summary>
static class ConfigurationSources
{
    const string Prefix = "PHILOTES__";

    public static MapNode Read(
        string? file, IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> overrides, List<ConfigurationError> errors)
    {
        var root = file is null ? new MapNode(ConfigurationOrigin.Default) : ReadFile(file, errors);
        foreach (var (name, value) in environment.Where(pair => pair.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                     .OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var path = name[Prefix.Length..].ToLowerInvariant().Split("__");
            Overlay.Set(root, path, value ?? "", new ConfigurationOrigin($"environment {name}"), errors);
        }
        foreach (var text in overrides)
            ApplyOverride(root, text, errors);
        return root;
    }

    static void ApplyOverride(MapNode root, string text, List<ConfigurationError> errors)
    {
        var origin = new ConfigurationOrigin("command line");
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add(new ConfigurationError(origin, "", "--set needs key=value, such as source.slot=orders"));
            return;
        }
        var key = text[..equals];
        var path = key.Split(key.Contains(':', StringComparison.Ordinal) ? ':' : '.');
        Overlay.Set(root, path, text[(equals + 1)..], origin, errors);
    }

    static MapNode ReadFile(string file, List<ConfigurationError> errors)
    {
        var empty = new MapNode(new ConfigurationOrigin(file));
        try
        {
            var parsed = YamlSource.Parse(File.ReadAllText(file), line => new ConfigurationOrigin(file, checked((int)line)));
            switch (parsed)
            {
                case MapNode map:
                    return map;
                case ScalarNode { Text: null }:
                    return empty;
                default:
                    errors.Add(new ConfigurationError(parsed.Origin, "", "the file must hold keys and values, such as \"version: 1\""));
                    return empty;
            }
        }
        catch (YamlException exception)
        {
            var origin = new ConfigurationOrigin(file, checked((int)Math.Max(1, exception.Start.Line)));
            errors.Add(new ConfigurationError(origin, "", $"is not valid YAML: {exception.Message}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(new ConfigurationError(new ConfigurationOrigin(file), "", $"cannot be read: {exception.Message}"));
        }
        return empty;
    }
}

namespace Philotes.Hosting;

/// <summary>Resolves <c>${file:/path}</c> and <c>${env:NAME}</c>. What went wrong is said without the value.</summary>
sealed class SecretReader(IReadOnlyDictionary<string, string?> environment)
{
    /// <summary>True for text that stands for another text.</summary>
    public static bool IsReference(string text) => text.StartsWith("${", StringComparison.Ordinal);

    public (Secret? Secret, string? Problem) Read(string text)
    {
        if (!IsReference(text))
            return (Secret.Inline(text), null);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !text.EndsWith('}'))
            return (null, "is not closed; write ${file:/path} or ${env:NAME}");
        var argument = text[(colon + 1)..^1];
        return text[2..colon] switch
        {
            "file" => ReadFile(argument),
            "env" => ReadVariable(argument),
            var scheme => (null, $"names the source \"{scheme}\"; it can be file or env"),
        };
    }

    /// <summary>Reads the file once now, so that a wrong path is an error of the configuration and not of the first connection.</summary>
    public static (Secret? Secret, string? Problem) ReadFile(string path)
    {
        var secret = Secret.FromFile(path);
        try
        {
            secret.Reveal();
            return (secret, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, $"names the file {path}, which cannot be read; it must exist and be readable by this process");
        }
    }

    (Secret? Secret, string? Problem) ReadVariable(string name) => environment.GetValueOrDefault(name) is { } value
        ? (Secret.From($"${{env:{name}}}", () => value), null)
        : (null, $"names the environment variable {name}, which is not set");
}

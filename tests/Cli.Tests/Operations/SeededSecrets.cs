namespace Philotes.Cli.Tests.Operations;

/// <summary>Twenty secrets by where they are used, each its own text, and everything that was written, to be searched for them.</summary>
sealed class SeededSecrets
{
    public static readonly string[] Names =
    [
        "source-password", "buffer-password", "catalog-password", "bearer", "client-secret", "access-token", "sigv4-secret", "sigv4-session", "store-secret", "store-session",
        "granted-secret", "granted-session", "granted-token", "wrong-source-password", "wrong-buffer-password", "uri-password", "connection-url-password", "token-uri-password",
        "otlp-password", "uri-query",
    ];

    readonly Dictionary<string, string> _secrets = Names.ToDictionary(name => name, name => $"{name}.{Guid.NewGuid():N}");
    readonly List<(string Where, string Text)> _written = [];

    public string this[string name] => _secrets[name];

    public void Wrote(string where, string text) => _written.Add((where, text));

    /// <summary>Where a secret stands, its spelling in a URL included.</summary>
    public IReadOnlyList<string> Leaks() =>
    [
        .. from written in _written
           from secret in _secrets
           where written.Text.Contains(secret.Value, StringComparison.Ordinal) || written.Text.Contains(secret.Value[(secret.Value.IndexOf('.', StringComparison.Ordinal) + 1)..], StringComparison.OrdinalIgnoreCase)
           select $"{secret.Key} in {written.Where}: {Around(written.Text, secret.Value)}",
    ];

    public string WrittenBy(string where) => string.Join('\n', _written.Where(written => written.Where == where).Select(written => written.Text));

    static string Around(string text, string secret)
    {
        var at = Math.Max(0, text.IndexOf(secret[^32..], StringComparison.OrdinalIgnoreCase) - 200);
        return text.Substring(at, Math.Min(500, text.Length - at));
    }
}

using System.Text;

namespace Philotes.Testing;

/// <summary>One request as it arrived: the target is the raw path and query, header names are case-insensitive.</summary>
public sealed record ProxiedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public override string ToString() => $"{Method} {Target}";
}

using System.Globalization;
using System.Net;

namespace Philotes.Hosting;

/// <summary>Where a process listens: <c>127.0.0.1:8181</c>, <c>[::1]:8181</c>, <c>localhost:0</c>. Port 0 takes a free one.</summary>
public readonly record struct ListenAddress(string Host, int Port)
{
    /// <summary>True when only this machine can connect.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public IPEndPoint EndPoint => new(Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Host), Port);

    public static bool TryParse(string text, out ListenAddress address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        if (host != "localhost" && !IPAddress.TryParse(host, out _))
            return false;
        address = new ListenAddress(host, port);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}

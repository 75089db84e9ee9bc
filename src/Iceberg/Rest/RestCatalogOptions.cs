namespace Philotes.Iceberg.Rest;

/// <summary>How to reach one REST catalog.</summary>
public sealed record RestCatalogOptions
{
    /// <summary>The base, without <c>/v1</c>: <c>https://catalog.example/iceberg</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>Sent with the configuration request. Many catalogs require it.</summary>
    public string? Warehouse { get; init; }

    /// <summary>Null sends no proof.</summary>
    public RestAuth? Auth { get; init; }

    /// <summary>PEM file of certificates to trust instead of the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>In place of the network: a catalog inside this process. It is disposed with the client.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Used when the catalog's configuration names no prefix.</summary>
    public string? Prefix { get; init; }

    /// <summary>Value of <c>X-Iceberg-Access-Delegation</c> on create and load (<c>vended-credentials</c>, <c>remote-signing</c>); null sends none.</summary>
    public string? AccessDelegation { get; init; }

    /// <summary>Hosts, beside that of <see cref="Uri"/>, to which the catalog's configuration may move us. The token would follow.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Longest wait for one reply, its body included. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait for a connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest reply body that is read. Default 256 MiB.</summary>
    public long ReplyBytesMax { get; init; } = 256L << 20;

    /// <summary>Headers added to every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    // A record prints its members; the proof and the headers must never reach a log.
    public override string ToString() => $"REST catalog {Uri} (warehouse '{Warehouse}')";
}

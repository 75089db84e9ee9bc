using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Philotes.Iceberg.Storage;

/// <summary>HTTP as all of our clients use it: no redirect is followed, no cookie kept; TLS is verified, against the system's roots or a PEM file of one's own.</summary>
internal static class TrustedRoots
{
    public static SocketsHttpHandler Handler(string? rootCertificate, TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = connectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = rootCertificate is null ? new SslClientAuthenticationOptions() : new SslClientAuthenticationOptions { CertificateChainPolicy = Policy(rootCertificate) },
    };

    private static X509ChainPolicy Policy(string rootCertificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(rootCertificate);
        return policy;
    }
}

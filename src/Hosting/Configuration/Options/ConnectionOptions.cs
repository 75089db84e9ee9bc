using System.ComponentModel;
using System.Data.Common;
using System.Globalization;

namespace Philotes.Hosting;

/// <summary>How to reach one Postgres database.</summary>
public sealed record ConnectionOptions
{
    /// <summary>What one call to the socket takes or gives: rows come by the megabyte.</summary>
    private const string SocketBufferBytes = "65536";

    /// <summary>A peer that went without a word is noticed by the kernel: asked after this many seconds of silence, and then at the interval; Linux gives up after nine.</summary>
    private const string KeepaliveSeconds = "30";
    private const string KeepaliveIntervalSeconds = "10";

    [Description("Host name, address, or folder of a unix socket.")]
    [Mandatory]
    public string Host { get; init; } = "";

    [Description("Port.")]
    [Between("1", "65535")]
    public int Port { get; init; } = 5432;

    [Description("Database.")]
    [Mandatory]
    public string Database { get; init; } = "";

    [Description("Role to log in as.")]
    [Mandatory]
    public string User { get; init; } = "";

    [Description("Password of the role, by ${file:...} or ${env:...}. Not needed for peer or trust authentication.")]
    public Secret? Password { get; init; }

    [Description("Encryption. Unix sockets are never encrypted.")]
    public Tls Tls { get; init; } = Tls.VerifyFull;

    [Description("Certificates to trust for verify-ca and verify-full, a PEM file; the system's if not set.")]
    public string? RootCertificate { get; init; }

    /// <summary>For Npgsql. Holds the password in clear: hand it over, never log or keep it.</summary>
    public string ToConnectionString(string applicationName)
    {
        var builder = new DbConnectionStringBuilder
        {
            ["Host"] = Host,
            ["Port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["Database"] = Database,
            ["Username"] = User,
            ["Application Name"] = applicationName,
            ["Read Buffer Size"] = SocketBufferBytes,
            ["Write Buffer Size"] = SocketBufferBytes,
            ["Tcp Keepalive"] = "true",
            ["Tcp Keepalive Time"] = KeepaliveSeconds,
            ["Tcp Keepalive Interval"] = KeepaliveIntervalSeconds,
            ["SSL Mode"] = (Host.StartsWith('/') ? Tls.Disable : Tls).ToString(),
        };
        if (Password is not null)
            builder["Password"] = Password.Reveal();
        if (RootCertificate is not null)
            builder["Root Certificate"] = RootCertificate;
        return builder.ConnectionString;
    }

    /// <summary>For people: never with the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{User}@{Host}:{Port}/{Database}");
}

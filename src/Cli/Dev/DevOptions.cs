using Npgsql;
using Philotes.Hosting;

namespace Philotes.Cli.Dev;

/// <param name="Source">The database whose changes are captured.</param>
/// <param name="Folder">Holds <c>postgres</c> (buffer and catalog) and <c>warehouse</c>; kept between runs.</param>
sealed record DevOptions(ConnectionOptions Source, IReadOnlyList<TablePattern> Tables, string Folder)
{
    public const string Slot = "philotes_dev";
    public const string Publication = "philotes_dev";

    public static DevOptions Parse(string source, IReadOnlyList<string> tables, string folder) =>
        new(ParseConnection(source), [.. tables.Select(ParsePattern)], Path.GetFullPath(folder));

    static ConnectionOptions ParseConnection(string text)
    {
        NpgsqlConnectionStringBuilder parsed;
        try
        {
            parsed = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException)
        {
            throw Wrong("--source", "is no connection string; write \"Host=localhost;Database=shop;Username=postgres;Password=...\"");
        }
        if (parsed.Host is null || parsed.Username is null || parsed.Database is null)
            throw Wrong("--source", "must have Host, Database and Username");
        return new ConnectionOptions
        {
            Host = parsed.Host,
            Port = parsed.Port,
            Database = parsed.Database,
            User = parsed.Username,
            Password = parsed.Password is null ? null : Secret.Inline(parsed.Password),
            Tls = TlsOf(parsed),
            RootCertificate = parsed.RootCertificate,
        };
    }

    /// <summary>Npgsql's "prefer" is said in neither direction here: this machine needs no encryption, every other does.</summary>
    static Tls TlsOf(NpgsqlConnectionStringBuilder parsed) => parsed.SslMode switch
    {
        SslMode.Disable => Tls.Disable,
        SslMode.Require => Tls.Require,
        SslMode.VerifyCA => Tls.VerifyCA,
        SslMode.VerifyFull => Tls.VerifyFull,
        _ => parsed.Host is "localhost" or "127.0.0.1" or "::1" || parsed.Host!.StartsWith('/') ? Tls.Disable : Tls.Require,
    };

    static TablePattern ParsePattern(string text) =>
        TablePattern.TryParse(text, out var pattern) ? pattern! : throw Wrong("--tables", $"\"{text}\" is not schema.table, such as public.*");

    static ConfigurationException Wrong(string key, string message) => new([new ConfigurationError(new ConfigurationOrigin("command line"), key, message)]);
}

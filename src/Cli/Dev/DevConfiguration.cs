using System.Globalization;
using System.Text.Json;
using Philotes.Hosting;
using Philotes.Hosting.Embedded;

namespace Philotes.Cli.Dev;

/// <summary>The configuration with which other commands find what <c>dev</c> runs, as <c>philotes.yaml</c> in its folder. It holds the source's password, so only its owner may read it.</summary>
static class DevConfiguration
{
    public static async Task<string> WriteAsync(DevOptions options, EmbeddedPostgres server, string buffer, Uri catalog, CancellationToken cancellationToken)
    {
        var file = Path.Combine(options.Folder, "philotes.yaml");
        var access = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(file, access);
        var yaml = string.Create(CultureInfo.InvariantCulture, $$"""
            # Written by philotes dev at each start.
            version: 1
            source:
              name: dev
              connection: { {{Connection(options.Source)}} }
              slot: {{DevOptions.Slot}}
              publication: { name: {{DevOptions.Publication}} }
            buffer:
              connection: { host: {{server.Host}}, port: {{server.Port}}, database: {{buffer}}, user: {{EmbeddedPostgres.User}}, password: {{Text("${file:" + Path.Combine(server.DataFolder, "philotes.password") + "}")}}, tls: disable }
            lake:
              catalog: { uri: {{Text(catalog.ToString())}} }
            tables: [{{string.Join(", ", options.Tables.Select(pattern => "{ match: " + Text(pattern.ToString()) + " }"))}}]

            """);
        await writer.WriteAsync(yaml.AsMemory(), cancellationToken);
        return file;
    }

    static string Connection(ConnectionOptions source) => string.Join(", ", new (string Key, string? Value)[]
    {
        ("host", source.Host), ("port", source.Port.ToString(CultureInfo.InvariantCulture)), ("database", source.Database), ("user", source.User),
        ("password", source.Password?.Reveal()), ("tls", Word(source.Tls)), ("root_certificate", source.RootCertificate),
    }.Where(entry => entry.Value is not null).Select(entry => $"{entry.Key}: {Text(entry.Value!)}"));

    static string Word(Tls tls) => tls switch
    {
        Tls.Disable => "disable",
        Tls.Require => "require",
        Tls.VerifyCA => "verify-ca",
        _ => "verify-full",
    };

    /// <summary>A text as YAML takes it: JSON's spelling is one of YAML's.</summary>
    static string Text(string text) => JsonSerializer.Serialize(text, Plain);

    static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

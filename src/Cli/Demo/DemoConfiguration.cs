using System.Globalization;
using Philotes.Hosting.Embedded;

namespace Philotes.Cli.Demo;

/// <summary>The <c>philotes.yaml</c> of the demo: the same file that one would write by hand.</summary>
static class DemoConfiguration
{
    public const string SourceDatabase = "shop";
    public const string BufferDatabase = "philotes";
    public const string CatalogDatabase = "philotes_catalog";
    public const string PasswordVariable = "PHILOTES_DEMO_PASSWORD";

    public static string Yaml(EmbeddedPostgres server, Uri catalog, DemoFolder folder, int capturePort, int writerPort) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        version: 1
        source:
          name: shop
          connection: {{Connection(server, SourceDatabase)}}
          slot: philotes_shop
          publication: { name: philotes_shop, managed: true }
        buffer:
          connection: {{Connection(server, BufferDatabase)}}
        writer: { every: 500ms, temp_folder: "{{Path.Combine(folder.Path, "temp")}}" }
        lake:
          catalog: { uri: "{{catalog.ToString().TrimEnd('/')}}" }
        defaults:
          commit: { max_age: 2s }
        tables:
          - match: shop.*
          - match: shop.events
            partition: [ "day(at)" ]
          - match: shop.orders
            partition: [ "bucket(4,id)" ]
            sort: [ "placed desc" ]
        observability:
          capture_listen: 127.0.0.1:{{capturePort}}
          writer_listen: 127.0.0.1:{{writerPort}}
          log_format: json

        """);

    static string Connection(EmbeddedPostgres server, string database) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{ host: {{{server.Host}}}, port: {{{server.Port}}}, database: {{{database}}}, user: {{{EmbeddedPostgres.User}}}, password: "${env:{{{PasswordVariable}}}}", tls: disable }""");
}

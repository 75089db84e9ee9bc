namespace Philotes.Hosting.Tests.Configuration;

/// <summary>A configuration that says something for every section, and ways to load a text.</summary>
static class Samples
{
    public const string Full = """
        version: 1
        source:
          name: orders
          connection: { host: db1, port: 5433, database: shop, user: philotes_src, password: "${env:SRC}", tls: verify-full }
          slot: philotes_orders
          publication: { name: philotes_orders, managed: true }
          streaming: off
          heartbeat: { every: 10s, emit_message: true }
          on_gap: stop
        buffer:
          connection:
            host: /run/postgresql
            database: philotes
            user: philotes_capture
          replay_window: 72h
          max_bytes: 300GiB
          ack_delay: 0s
        writer: { parallelism: 4, lease: 30s, memory: 512MiB }
        lake:
          catalog: { uri: "https://catalog.internal/catalog", warehouse: main, auth: { bearer: "${env:SRC}" } }
          store: { checksums: auto, path_style: auto }
          namespace: "{schema}"
          table: "{table}"
        catalog:
          listen: 127.0.0.1:8181
          warehouse: file:///var/lib/philotes/warehouse
        observability:
          capture_listen: 127.0.0.1:0
          log_format: json
        defaults:
          mode: changelog
          commit: { min_rows: 50000, min_bytes: 64MiB, max_age: 15s }
          types: { time: string }
          on_outside: "null"
          before: key
          on_type_change: new-column
          on_drop_column: keep
          on_truncate: delete-all
          on_poison: block-table
        tables:
          - match: public.*
            exclude: [public.tmp_*]
            partition: [ "day(created_at)", "bucket(16,id)" ]
            sort: [ "id desc" ]
            properties: { write.target-file-size-bytes: "134217728" }
          - match: public."weird.name"
            commit: { max_age: 1s }
        """;

    public static readonly Dictionary<string, string?> Environment = new() { ["SRC"] = "hunter2" };

    public static LoadedConfiguration Load(string yaml, Dictionary<string, string?>? environment = null, params string[] overrides)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, yaml);
        try
        {
            return PhilotesConfiguration.Load(file, environment ?? Environment, overrides);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static IReadOnlyList<ConfigurationError> Errors(string yaml, Dictionary<string, string?>? environment = null, params string[] overrides) =>
        Assert.Throws<ConfigurationException>(() => Load(yaml, environment, overrides))!.Errors;
}

using System.IO.Compression;
using System.Text;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>Twenty secrets in every place that takes one, servers that repeat them in their errors, every failure that can be forced; and then everything that was written is searched.</summary>
[NonParallelizable]
public sealed class SecretTests
{
    [Test, CancelAfter(240_000)]
    public async Task No_secret_is_ever_written_whatever_fails(CancellationToken cancellationToken)
    {
        var secrets = new SeededSecrets();
        await using var server = await PostgresServer.StartAsync();
        await using var pipeline = await Pipeline.CreateAsync(server, server, new PipelineShape(), cancellationToken);
        await CreateRolesAsync(pipeline, secrets, cancellationToken);
        var yaml = await YamlAsync(pipeline, secrets, cancellationToken);
        await pipeline.ExecuteAsync("create table t (id int primary key)", cancellationToken);

        await HealthyAsync(pipeline, yaml, secrets, cancellationToken);
        await RefusedByOAuthAsync(pipeline, yaml, secrets, cancellationToken);
        await RefusedBySignatureAsync(pipeline, yaml, secrets, cancellationToken);
        await GrantedAsync(pipeline, yaml, secrets, cancellationToken);
        await WrongPasswordsAsync(pipeline, yaml, secrets, cancellationToken);
        await WrongConfigurationsAsync(pipeline, yaml, secrets);
        await OperatedAsync(pipeline, yaml, secrets);
        await DatabasesAsync(pipeline, secrets, cancellationToken);
        foreach (var file in Directory.GetFiles(pipeline.Warehouse, "*", SearchOption.AllDirectories))
            secrets.Wrote(file, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, cancellationToken)));

        Assert.That(secrets.Leaks(), Is.Empty);
    }

    static Task CreateRolesAsync(Pipeline pipeline, SeededSecrets secrets, CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        string.Concat(new[] { "source", "buffer", "catalog" }.Select(name => $"create role {name}_user superuser login replication password '{secrets[$"{name}-password"]}';")), cancellationToken);

    /// <summary>The pipeline's configuration with roles and secrets of our own, at the lowest log level.</summary>
    static async Task<string> YamlAsync(Pipeline pipeline, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(pipeline.ConfigurationFile, cancellationToken);
        var roles = new Queue<string>(["source", "buffer", "catalog"]);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Contains("password:", StringComparison.Ordinal))
            {
                var role = roles.Dequeue();
                var start = lines[i].IndexOf("user:", StringComparison.Ordinal);
                lines[i] = $"{lines[i][..start]}user: {role}_user, password: \"{secrets[$"{role}-password"]}\", tls: disable }}";
            }
        }

        var yaml = string.Join('\n', lines)
            .Replace($"catalog: {{ uri: \"{pipeline.CatalogUri}\" }}", "CATALOG\n  store: STORE", StringComparison.Ordinal)
            .Replace("observability: {", "observability: { log_level: trace,", StringComparison.Ordinal);
        Assert.That(roles, Is.Empty);
        Assert.That(yaml, Does.Contain("CATALOG").And.Contain("log_level: trace"));
        return yaml.Replace("STORE", $"{{ access_key: KEY, secret_key: \"{secrets["store-secret"]}\", session_token: \"{secrets["store-session"]}\" }}", StringComparison.Ordinal);
    }

    static async Task HealthyAsync(Pipeline pipeline, string yaml, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        var port = Peers.FreePort();
        await WriteAsync(pipeline, yaml.Replace("writer_listen: \"127.0.0.1:0\"", $"writer_listen: \"127.0.0.1:{port}\"", StringComparison.Ordinal), $"catalog: {{ uri: \"{pipeline.CatalogUri}\", auth: {{ bearer: \"{secrets["bearer"]}\" }} }}");
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        await pipeline.ExecuteAsync("insert into t values (1)", cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        using var http = new HttpClient();
        secrets.Wrote("metrics", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), cancellationToken));
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out var id) && (id == pipeline.Capture!.Id || id == pipeline.Writer!.Id || id == pipeline.Catalog!.Id)))
            secrets.Wrote("a command line", await File.ReadAllTextAsync(Path.Combine(process, "cmdline"), cancellationToken));
        await pipeline.Writer!.TerminateAsync(cancellationToken);
        secrets.Wrote("healthy writer", pipeline.Writer.Output);
        await pipeline.ExecuteAsync("insert into t values (2)", cancellationToken);
        await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
    }

    /// <summary>An identity provider that repeats the client's secret in its refusal, then gives a token; a catalog that repeats the token.</summary>
    static async Task RefusedByOAuthAsync(Pipeline pipeline, string yaml, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        var asked = 0;
        await using var catalog = HttpDouble.Start(request => !request.Target.EndsWith("/tokens", StringComparison.Ordinal)
            ? new HttpDoubleReply(403, $$$"""{"error":{"message":"not with {{{request.Headers["Authorization"]}}}","type":"ForbiddenException","code":403}}""")
            : asked++ == 0 ? new HttpDoubleReply(400, $$"""{"error":"invalid_client","error_description":"{{request.Text}}"}""")
            : new HttpDoubleReply(200, $$"""{"access_token":"{{secrets["access-token"]}}","token_type":"bearer","expires_in":3600}"""));
        await WriterSaysAsync(pipeline, yaml, $"catalog: {{ uri: \"{catalog.Uri}\", auth: {{ oauth2: {{ client_id: me, client_secret: \"{secrets["client-secret"]}\" }} }} }}", "not with Bearer ***", "oauth2", secrets, cancellationToken);
        Assert.That(catalog.Requests.Any(request => request.Text.Contains(secrets["client-secret"], StringComparison.Ordinal)), Is.True, "the secret was sent, and repeated");
    }

    static async Task RefusedBySignatureAsync(Pipeline pipeline, string yaml, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        await using var catalog = HttpDouble.Start(request => new HttpDoubleReply(403,
            $$"""{"message":"not with {{request.Headers["x-amz-security-token"]}} and {{request.Headers["Authorization"].Replace("\"", "", StringComparison.Ordinal)}}"}"""));
        await WriterSaysAsync(
            pipeline, yaml, $"catalog: {{ uri: \"{catalog.Uri}\", auth: {{ sigv4: {{ service: glue, region: r, access_key: A, secret_key: \"{secrets["sigv4-secret"]}\", session_token: \"{secrets["sigv4-session"]}\" }} }} }}",
            "not with ***", "sigv4", secrets, cancellationToken);
    }

    /// <summary>Replies with keys in them, whole ones and broken ones.</summary>
    static async Task GrantedAsync(Pipeline pipeline, string yaml, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        var grant = $$$"""
            {"config":{"token":"{{{secrets["granted-token"]}}}","s3.access-key-id":"AKIA","s3.secret-access-key":"{{{secrets["granted-secret"]}}}","s3.session-token":"{{{secrets["granted-session"]}}}"},
            "storage-credentials":[{"prefix":"s3://","config":{"s3.access-key-id":"AKIA","s3.secret-access-key":"{{{secrets["granted-secret"]}}}","s3.session-token":"{{{secrets["granted-session"]}}}"}}],
            """;
        await using var proxy = ScriptedProxy.Start(new Uri(pipeline.CatalogUri));
        var (torn, whole) = (0, 0);
        var tears = true;
        proxy.Weather = request => request.Target.Contains("/tables/", StringComparison.Ordinal)
            ? new ProxyFault.EditReply(text => !text.StartsWith("{\"metadata", StringComparison.Ordinal) ? text
                : Volatile.Read(ref tears) && Interlocked.Increment(ref torn) > 0 ? (grant + text[1..])[..^3]
                : Interlocked.Increment(ref whole) > 0 ? grant + text[1..] : text)
            : null;
        var catalog = $"catalog: {{ uri: \"{proxy.Uri}\", access_delegation: vended-credentials }}";
        await WriterSaysAsync(pipeline, yaml, catalog, "is tried again", "granted, torn", secrets, cancellationToken);
        Volatile.Write(ref tears, false);
        await WriterSaysAsync(pipeline, yaml, catalog, "committed as snapshot", "granted", secrets, cancellationToken);
        Assert.That(new[] { torn, whole }, Has.All.Positive);
    }

    static async Task WrongPasswordsAsync(Pipeline pipeline, string yaml, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        await pipeline.Capture!.TerminateAsync(cancellationToken);
        secrets.Wrote("capture", pipeline.Capture.Output);
        var wrong = yaml.Replace(secrets["source-password"], secrets["wrong-source-password"], StringComparison.Ordinal).Replace(secrets["buffer-password"], secrets["wrong-buffer-password"], StringComparison.Ordinal);
        await WriterSaysAsync(pipeline, wrong, $"catalog: {{ uri: \"{pipeline.CatalogUri}\" }}", "PH506", "writer without the buffer's password", secrets, cancellationToken);
        await WriteAsync(pipeline, yaml.Replace(secrets["source-password"], secrets["wrong-source-password"], StringComparison.Ordinal), "catalog: { uri: http://127.0.0.1:1 }");
        await using var capture = ProgramProcess.Start("Capture", pipeline.ConfigurationFile);
        await Until.TrueAsync(() => Task.FromResult(capture.Output.Contains("PH122", StringComparison.Ordinal)), () => capture.Output, cancellationToken);
        secrets.Wrote("capture without the source's password", capture.Output);
    }

    /// <summary>Secrets in URLs and where no value of that shape belongs.</summary>
    static async Task WrongConfigurationsAsync(Pipeline pipeline, string yaml, SeededSecrets secrets)
    {
        var healthy = $"catalog: {{ uri: \"{pipeline.CatalogUri}\" }}";
        (string Yaml, string Catalog)[] wrong =
        [
            (yaml, $"catalog: {{ uri: \"http://me:{secrets["uri-password"]}@127.0.0.1:1\" }}"),
            (yaml, $"catalog: {{ uri: \"http://127.0.0.1:1?token={secrets["uri-query"]}\" }}"),
            (yaml, $"catalog: {{ uri: \"{pipeline.CatalogUri}\", auth: {{ oauth2: {{ client_id: me, client_secret: \"{secrets["client-secret"]}\", token_uri: \"https://me:{secrets["token-uri-password"]}@idp\" }} }} }}"),
            (yaml.Replace("observability: {", $"observability: {{ otlp: \"http://me:{secrets["otlp-password"]}@127.0.0.1:1\",", StringComparison.Ordinal), healthy),
            (yaml.Replace("\nbuffer:\n", $"\nbuffer:\n  conection: \"postgres://me:{secrets["connection-url-password"]}@host/db\"\n", StringComparison.Ordinal), healthy),
            (yaml.Replace("\nbuffer:\n  connection:", $"\nbuffer:\n  connection: \"postgres://me:{secrets["connection-url-password"]}@host/db\"\n  connection_before:", StringComparison.Ordinal), healthy),
        ];
        foreach (var (text, catalog) in wrong)
        {
            await WriteAsync(pipeline, text, catalog);
            foreach (var command in new[] { "validate", "show" })
            {
                var run = await CliRun.OfAsync("config", command, "--config", pipeline.ConfigurationFile);
                Assert.That(run.ExitCode, Is.EqualTo(Hosting.ExitCode.Configuration), run.Output);
                secrets.Wrote($"config {command} of {catalog}", run.Output + run.Error);
            }
        }
    }

    static async Task OperatedAsync(Pipeline pipeline, string yaml, SeededSecrets secrets)
    {
        await WriteAsync(pipeline, yaml, $"catalog: {{ uri: \"{pipeline.CatalogUri}\", auth: {{ bearer: \"{secrets["bearer"]}\" }} }}");
        string[][] commands = [["config", "show"], ["config", "show", "--effective", "--origin"], ["status", "--json"], ["doctor", "--json"], ["batches", "list", "--json"], ["batches", "show", "2"], ["audit", "list"]];
        foreach (var command in commands)
        {
            var run = await CliRun.OfAsync([.. command, "--config", pipeline.ConfigurationFile]);
            secrets.Wrote(string.Join(' ', command), run.Output + run.Error);
        }

        Assert.That(secrets.WrittenBy("config show"), Does.Contain("***"));
        var file = pipeline.ConfigurationFile + ".zip";
        Assert.That((await CliRun.OfAsync("diag", "bundle", "--out", file, "--config", pipeline.ConfigurationFile)).ExitCode, Is.Zero);
        await using var zip = await ZipFile.OpenReadAsync(file);
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync());
            secrets.Wrote($"diag bundle, {entry.Name}", await reader.ReadToEndAsync());
        }
    }

    /// <summary>Every row of every table of the ledger as text, and what the server shows of our sessions.</summary>
    static async Task DatabasesAsync(Pipeline pipeline, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        var tables = await pipeline.BufferAsync<string[]>("select array_agg(quote_ident(table_name)::text) from information_schema.tables where table_schema = 'philotes' and table_type = 'BASE TABLE'", cancellationToken);
        Assert.That(tables, Has.Length.GreaterThan(10));
        foreach (var table in tables)
            secrets.Wrote($"philotes.{table}", await pipeline.BufferAsync<string>($"select coalesce(string_agg(x::text, e'\\n'), '') from philotes.{table} x", cancellationToken));
        Assert.That(secrets.WrittenBy("philotes.batch"), Does.Contain("PH312"), "failures were written down");
        secrets.Wrote("pg_stat_activity", await pipeline.BufferAsync<string>("select string_agg(a::text, e'\\n') from pg_stat_activity a where query not like 'create role%'", cancellationToken));
    }

    /// <summary>Runs a writer under a configuration until it says something; what it printed is kept.</summary>
    static async Task WriterSaysAsync(Pipeline pipeline, string yaml, string catalog, string words, string name, SeededSecrets secrets, CancellationToken cancellationToken)
    {
        await WriteAsync(pipeline, yaml, catalog);
        // Trace: every other level is a part of it.
        await using var writer = ProgramProcess.Start("BatchWriter", pipeline.ConfigurationFile);
        await Until.TrueAsync(
            async () =>
            {
                await using var due = pipeline.Buffer.CreateCommand("update philotes.batch set next_try_at = clock_timestamp() where state = 'failed'");
                await due.ExecuteNonQueryAsync(cancellationToken);
                return writer.Output.Contains(words, StringComparison.Ordinal);
            },
            () => writer.Output, cancellationToken);
        await writer.TerminateAsync(cancellationToken);
        secrets.Wrote(name, writer.Output);
        // A batch that is committed in the end forgets its failures.
        secrets.Wrote("philotes.batch", await pipeline.BufferAsync<string>("select string_agg(b::text, e'\n') from philotes.batch b", cancellationToken));
    }

    static Task WriteAsync(Pipeline pipeline, string yaml, string catalog) => File.WriteAllTextAsync(pipeline.ConfigurationFile, yaml.Replace("CATALOG", catalog, StringComparison.Ordinal));
}

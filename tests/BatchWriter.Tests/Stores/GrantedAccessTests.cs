using System.Globalization;
using System.Text.Json.Nodes;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Stores;

/// <summary>A writer without keys of its own: what the catalog grants is all it has.</summary>
[CancelAfter(240_000)]
public sealed class GrantedAccessTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false));

    private S3Server _store = null!;
    private string _bucket = "";

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _store = await S3Server.SharedAsync();
        _bucket = await _store.CreateBucketAsync();
    }

    [Test]
    public async Task Keys_in_the_tables_config_are_enough()
    {
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table => table["config"] = Keys(_store.SecretKey));
        await WritesAsync(catalog, AccessDelegation.VendedCredentials);
        Assert.That(catalog.Requests.Where(request => request.Headers.ContainsKey("X-Iceberg-Access-Delegation")).Select(request => request.Headers["X-Iceberg-Access-Delegation"]),
            Is.Not.Empty.And.All.EqualTo("vended-credentials"));
    }

    [Test]
    public async Task The_longest_prefix_decides_and_entries_without_keys_do_not_count()
    {
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table => table["storage-credentials"] = new JsonArray(
            Credential("s3://", Keys("wrong")),
            Credential(table["metadata"]!["location"]!.GetValue<string>(), Keys(_store.SecretKey)),
            Credential(table["metadata"]!["location"]!.GetValue<string>() + "/data", [])));
        await WritesAsync(catalog, AccessDelegation.VendedCredentials);
    }

    [Test]
    public async Task Keys_that_the_store_refuses_are_asked_for_anew()
    {
        var handedOut = 0;
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table =>
            table["config"] = Keys(table["metadata-location"] is not null && Interlocked.Increment(ref handedOut) % 2 == 1 ? "expired" : _store.SecretKey));
        await WritesAsync(catalog, AccessDelegation.VendedCredentials);
        Assert.That(handedOut, Is.GreaterThan(1));
    }

    [Test]
    public async Task Keys_are_renewed_before_they_end()
    {
        var loads = 0;
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table =>
        {
            loads += table["metadata-location"] is null ? 0 : 1;
            var keys = Keys(_store.SecretKey);
            keys["s3.session-token-expires-at-ms"] = DateTimeOffset.UtcNow.AddSeconds(loads == 1 ? -1 : 60).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            table["config"] = keys;
        });
        await WritesAsync(catalog, AccessDelegation.VendedCredentials);
    }

    [Test]
    public async Task Requests_are_signed_by_the_catalog_for_a_writer_without_any_keys()
    {
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table => table["config"] = new JsonObject
        {
            ["s3.remote-signing-enabled"] = "true",
            ["s3.signer.endpoint"] = "v1/aws/s3/sign",
            ["s3.endpoint"] = Endpoint,
            ["s3.path-style-access"] = "true",
            ["client.region"] = "us-east-1",
        });
        await WritesAsync(catalog, AccessDelegation.RemoteSigning);
        Assert.That(catalog.Signed, Is.GreaterThan(5), "manifests, lists, data files and what was read of them");
    }

    [Test]
    public async Task A_catalog_that_grants_nothing_leaves_the_configured_keys()
    {
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, _ => { });
        await using var bench = await WriterBench.StartOnAsync(_store, _bucket);
        await AppendAndReadAsync(bench, catalog, lake => lake with { Catalog = lake.Catalog! with { AccessDelegation = AccessDelegation.VendedCredentials } });
    }

    [Test]
    public async Task With_no_delegation_the_configured_keys_stand_over_what_is_handed_out()
    {
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table => table["config"] = Keys("wrong"));
        await using var bench = await WriterBench.StartOnAsync(_store, _bucket);
        await AppendAndReadAsync(bench, catalog, lake => lake with { Catalog = lake.Catalog! with { AccessDelegation = AccessDelegation.None } });
        Assert.That(catalog.Requests, Has.None.Matches<ProxiedRequest>(request => request!.Headers.ContainsKey("X-Iceberg-Access-Delegation")));
    }

    [Test]
    public async Task A_signer_on_another_host_gets_nothing_of_ours()
    {
        await using var stranger = HttpDouble.Start(_ => new HttpDoubleReply(200, "{}"));
        var elsewhere = new UriBuilder(stranger.Uri) { Host = "localhost" }.Uri;
        await using var catalog = await GrantingCatalog.StartAsync(_store, _bucket, table => table["config"] = new JsonObject { ["s3.signer.uri"] = elsewhere.AbsoluteUri, ["s3.endpoint"] = Endpoint });
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "x"));

        await bench.Runner(catalog.Uri, change: lake => lake with { Catalog = lake.Catalog! with { AccessDelegation = AccessDelegation.RemoteSigning } }).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(stranger.Requests, Is.Empty);
        Assert.That(await bench.ScalarAsync<string>("select error_text from philotes.batch"), Does.Contain("allowed_hosts"));
    }

    private string Endpoint => _store.Endpoint.GetLeftPart(UriPartial.Authority);

    private JsonObject Keys(string secret) => new()
    {
        ["s3.access-key-id"] = _store.AccessKey,
        ["s3.secret-access-key"] = secret,
        ["s3.endpoint"] = Endpoint,
        ["s3.path-style-access"] = "true",
        ["client.region"] = "us-east-1",
    };

    private static JsonObject Credential(string prefix, JsonObject config) => new() { ["prefix"] = prefix, ["config"] = config };

    /// <summary>The bench's own store knows no keys: only what the catalog grants opens the bucket.</summary>
    private async Task WritesAsync(GrantingCatalog catalog, AccessDelegation delegation)
    {
        await using var bench = await WriterBench.StartAsync();
        await AppendAndReadAsync(bench, catalog, lake => lake with { Catalog = lake.Catalog! with { AccessDelegation = delegation } });
    }

    private async Task AppendAndReadAsync(WriterBench bench, GrantingCatalog catalog, Func<LakeOptions, LakeOptions> change)
    {
        var table = WriterBench.Schema("t" + Guid.NewGuid().ToString("N"), 'd', ("id", "bigint", true), ("note", "text", false));
        var runner = bench.Runner(catalog.Uri, change: change);
        for (var batch = 1; batch <= 2; batch++)
        {
            await bench.AppendAsync(table, Change.Insert($"{batch}", "größe + %2F"));
            await runner.RunUntilIdleAsync(CancellationToken.None);
        }

        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state = 'committed' and attempt = 1"), Is.EqualTo(2),
            await bench.ScalarAsync<string>("select coalesce(string_agg(error_text, '; '), '') from philotes.batch"));
        var rows = await ForeignReaders.ReadWithDuckDbAsync(catalog.Uri.ToString().TrimEnd('/'), $"public.{table.Name.Table}_changelog", where: null, _store);
        Assert.That(rows, Has.Count.EqualTo(2));
    }
}

using Philotes.Iceberg.Rest;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>What a catalog says of itself, in the shapes seen in the field, and how questions fail. A proxy speaks for the catalog.</summary>
public sealed class CatalogAnswersTests
{
    static readonly TableIdentifier Orders = TableIdentifier.Parse("sales.orders");
    ScriptedProxy _proxy = null!;

    [SetUp]
    public void Start() => _proxy = ScriptedProxy.Start(RestSetUp.Catalog.Uri);

    [TearDown]
    public async Task StopAsync() => await _proxy.DisposeAsync();

    [Test]
    public async Task Overrides_stand_over_options_and_options_over_defaults()
    {
        var config = await ConfigAsync("""{"defaults":{"prefix":"d","a":"1"},"overrides":{"a":"2"},"idempotency-key-lifetime":"PT30M"}""", prefix: "mine");
        var overridden = await ConfigAsync("""{"defaults":{},"overrides":{"prefix":"o","namespace-separator":"%2E"}}""", prefix: "mine");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Prefix, Is.EqualTo("mine"));
            Assert.That(config.Properties["a"], Is.EqualTo("2"));
            Assert.That(config.NamespaceSeparator, Is.EqualTo("\u001F"));
            Assert.That(config.IdempotencyKeyLifetime, Is.EqualTo(TimeSpan.FromMinutes(30)));
            Assert.That(config.MaySupport("anything"), "a catalog that lists nothing must be asked");
            Assert.That(overridden.Prefix, Is.EqualTo("o"));
            Assert.That(overridden.NamespaceSeparator, Is.EqualTo("."));
        }
    }

    [Test]
    public async Task A_catalog_may_move_us_on_its_own_host_but_not_to_another()
    {
        var moved = await ConfigAsync("""{"defaults":{},"overrides":{"uri":"http://127.0.0.1:1/catalog"}}""");
        Assert.That(moved.BaseUri, Is.EqualTo(new Uri("http://127.0.0.1:1/catalog")));
        var refused = await Assert.ThrowsAsync<CatalogConfigurationException>(() => ConfigAsync("""{"defaults":{},"overrides":{"uri":"http://169.254.169.254/"}}"""));
        Assert.That(refused!.Message, Does.Contain("169.254.169.254"));
    }

    [Test]
    public async Task An_idempotency_key_is_sent_only_to_a_catalog_that_advertises_one([Values] bool advertised)
    {
        var lifetime = advertised ? ",\"idempotency-key-lifetime\":\"PT5M\"" : "";
        _proxy.Script(new ProxyFault.AnswerInstead(200, $$"""{"defaults":{},"overrides":{}{{lifetime}}}"""));
        using var catalog = await ConnectAsync();
        _proxy.ScriptPost(new ProxyFault.AnswerInstead(409));
        await catalog.CommitAsync(new CommitRequest(Orders, [], [], Guid.CreateVersion7()), CancellationToken.None);
        Assert.That(_proxy.Requests[^1].Headers.ContainsKey("Idempotency-Key"), Is.EqualTo(advertised));
    }

    [Test]
    public async Task Access_delegation_is_asked_for_only_when_configured([Values(null, "vended-credentials")] string? delegation)
    {
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = _proxy.Uri, AccessDelegation = delegation }, CancellationToken.None);
        await catalog.FindTableAsync(Orders, CancellationToken.None);
        Assert.That(_proxy.Requests[^1].Headers.GetValueOrDefault("X-Iceberg-Access-Delegation"), Is.EqualTo(delegation));
    }

    [Test]
    public async Task A_listing_is_read_to_its_last_page()
    {
        using var catalog = await ConnectAsync();
        _proxy.Script(new ProxyFault.AnswerInstead(200, """{"identifiers":[{"namespace":["sales"],"name":"a"}],"next-page-token":"p 2"}"""));
        _proxy.Script(new ProxyFault.AnswerInstead(200, """{"identifiers":[{"namespace":["sales"],"name":"b"}],"next-page-token":null}"""));
        var tables = await catalog.ListTablesAsync(Orders.Namespace, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tables.Select(table => table.ToString()), Is.EqualTo(["sales.a", "sales.b"]));
            Assert.That(_proxy.Requests[^2].Target, Does.EndWith("?pageToken="));
            Assert.That(_proxy.Requests[^1].Target, Does.EndWith("?pageToken=p%202"));
        }
    }

    [Test]
    public async Task A_404_of_something_that_is_no_catalog_is_not_a_missing_table()
    {
        using var catalog = await ConnectAsync();
        _proxy.Script(new ProxyFault.AnswerInstead(404, "<html>nothing here</html>", "text/html"));
        var refused = await Assert.ThrowsAsync<CatalogRefusedException>(() => catalog.FindTableAsync(Orders, CancellationToken.None));
        Assert.That(refused!.Message, Does.Contain("nothing here").And.Contain("text/html"));
    }

    [TestCase(401, "", typeof(CatalogRefusedException))]
    [TestCase(403, "{}", typeof(CatalogRefusedException))]
    [TestCase(500, "", typeof(CatalogUnreachableException))]
    [TestCase(503, "<html>", typeof(CatalogUnreachableException))]
    [TestCase(200, "{}", typeof(CatalogUnreachableException))]
    [TestCase(200, "{\"metadata\":{\"format-version\":9}}", typeof(CatalogUnreachableException))]
    [TestCase(302, "", typeof(CatalogRefusedException))]
    public async Task A_question_that_fails_says_whether_asking_again_helps(int status, string body, Type expected)
    {
        using var catalog = await ConnectAsync();
        var answer = new ProxyFault.AnswerInstead(status, body);
        _proxy.Script(answer);
        if (status == 401)
            _proxy.Script(answer); // a refused token is asked for again once
        await Assert.ThatAsync(() => catalog.LoadTableAsync(Orders, CancellationToken.None), Throws.InstanceOf(expected).With.Message.Contains("load table sales.orders"));
    }

    [Test]
    public async Task A_reply_beyond_the_limit_is_not_read()
    {
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = _proxy.Uri, ReplyBytesMax = 5_000 }, CancellationToken.None);
        _proxy.Script(new ProxyFault.AnswerInstead(200, new string(' ', 100_000)));
        await Assert.ThatAsync(() => catalog.LoadTableAsync(Orders, CancellationToken.None), Throws.InstanceOf<CatalogUnreachableException>());
    }

    [Test]
    public async Task A_catalog_that_is_not_there_is_unreachable()
    {
        var options = new RestCatalogOptions { Uri = new Uri($"http://127.0.0.1:{Peers.FreePort()}") };
        await Assert.ThatAsync(() => RestCatalog.ConnectAsync(options, CancellationToken.None), Throws.InstanceOf<CatalogUnreachableException>());
    }

    async Task<CatalogConfig> ConfigAsync(string json, string? prefix = null)
    {
        _proxy.Script(new ProxyFault.AnswerInstead(200, json));
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = _proxy.Uri, Prefix = prefix }, CancellationToken.None);
        return catalog.Config;
    }

    Task<RestCatalog> ConnectAsync() => RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = _proxy.Uri }, CancellationToken.None);
}

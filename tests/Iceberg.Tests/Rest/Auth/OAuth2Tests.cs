using System.Collections.Specialized;
using System.Globalization;
using Philotes.Iceberg.Rest;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest.Auth;

/// <summary>OAuth2 client credentials against an identity provider and a catalog that look at what they get.</summary>
[CancelAfter(60_000)]
public sealed class OAuth2Tests
{
    private readonly ManualClock _clock = new();
    private readonly HashSet<string> _good = [];
    private HttpDouble _provider = null!;
    private HttpDouble _catalog = null!;
    private int _tokens;
    private Func<HttpDoubleReply>? _providerSays;

    [SetUp]
    public void Start()
    {
        (_tokens, _providerSays) = (0, null);
        _good.Clear();
        _provider = HttpDouble.Start(request => _providerSays?.Invoke() ?? Token(request));
        _catalog = HttpDouble.Start(Answer);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _catalog.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Test]
    public async Task One_token_serves_until_shortly_before_it_ends()
    {
        using var catalog = await ConnectAsync();
        await catalog.NamespaceExistsAsync(new NamespaceName("a"), CancellationToken.None);
        Assert.That(_tokens, Is.EqualTo(1));

        _clock.Now += TimeSpan.FromSeconds(3600 - 30);
        await catalog.NamespaceExistsAsync(new NamespaceName("a"), CancellationToken.None);

        Assert.That(_tokens, Is.EqualTo(2));
        Assert.That(_catalog.Requests[^1].Headers["Authorization"], Is.EqualTo("Bearer token-2"));
    }

    [Test]
    public async Task The_provider_gets_a_form_with_all_that_was_configured_and_no_proof_of_ours()
    {
        using var catalog = await ConnectAsync();
        var request = _provider.Requests.Single();
        var form = Form(request);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(request.Headers["Content-Type"], Does.StartWith("application/x-www-form-urlencoded"));
            Assert.That(request.Headers, Does.Not.ContainKey("Authorization"));
            Assert.That(form["grant_type"], Is.EqualTo("client_credentials"));
            Assert.That(form["client_id"], Is.EqualTo("philotes"));
            Assert.That(form["client_secret"], Is.EqualTo("s3cr&t+ü"));
            Assert.That(form["scope"], Is.EqualTo("PRINCIPAL_ROLE:ALL"));
            Assert.That(form["audience"], Is.EqualTo("lake"));
            Assert.That(form["resource"], Is.EqualTo("urn:lake"));
        }
    }

    [TestCase(401)]
    [TestCase(419)]
    public async Task A_token_that_ends_in_mid_run_is_replaced_and_the_same_request_goes_out_again(int status)
    {
        using var catalog = await ConnectAsync();
        _good.Clear();
        _refusal = status;
        var commit = new CommitRequest(TableIdentifier.Parse("a.b"), [], [new TableUpdate.SetProperties(new Dictionary<string, string> { ["k"] = "v" })], Guid.CreateVersion7());

        await catalog.CommitAsync(commit, CancellationToken.None);

        var sent = _catalog.Requests.Where(request => request.Method == "POST").ToList();
        Assert.That(sent, Has.Count.EqualTo(2));
        Assert.That(sent[1].Text, Is.EqualTo(sent[0].Text));
        Assert.That(sent[1].Headers["Idempotency-Key"], Is.EqualTo(sent[0].Headers["Idempotency-Key"]));
        Assert.That(sent.Select(request => request.Headers["Authorization"]), Is.EqualTo(new[] { "Bearer token-1", "Bearer token-2" }));
    }

    [Test]
    public async Task Many_requests_that_wait_for_a_token_fetch_one()
    {
        using var catalog = await ConnectAsync();
        _clock.Now += TimeSpan.FromDays(1);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => catalog.NamespaceExistsAsync(new NamespaceName("a"), CancellationToken.None)));
        Assert.That(_tokens, Is.EqualTo(2));
    }

    [Test]
    public void A_client_that_the_provider_does_not_know_is_refused_in_its_words_and_without_the_secret()
    {
        _providerSays = () => new HttpDoubleReply(400, """{"error":"invalid_client","error_description":"unknown client"}""");
        Assert.That(ConnectAsync, Throws.TypeOf<CatalogRefusedException>().With.Message.Contains("invalid_client").And.Message.Contains("unknown client").And.Message.Not.Contains("s3cr"));
    }

    [TestCase(503, "<html>maintenance</html>")]
    [TestCase(200, "{}")]
    [TestCase(200, "<html>")]
    public async Task While_the_provider_gives_no_token_a_commit_is_not_sent(int status, string body)
    {
        using var catalog = await ConnectAsync();
        _clock.Now += TimeSpan.FromDays(1);
        _providerSays = () => new HttpDoubleReply(status, body);

        var outcome = await catalog.CommitAsync(new CommitRequest(TableIdentifier.Parse("a.b"), [], []), CancellationToken.None);

        Assert.That(outcome, Is.TypeOf<CommitOutcome.Unknown>());
        Assert.That(_catalog.Requests.Where(request => request.Method == "POST"), Is.Empty);
    }

    [Test]
    public async Task A_rotated_bearer_token_holds_from_the_next_request_on()
    {
        var token = "old";
        _good.Add("Bearer new");
        _good.Add("Bearer old");
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = _catalog.Uri, Auth = new RestAuth.Bearer(() => token) }, CancellationToken.None);
        token = "new";
        await catalog.NamespaceExistsAsync(new NamespaceName("a"), CancellationToken.None);
        Assert.That(_catalog.Requests[^1].Headers["Authorization"], Is.EqualTo("Bearer new"));
    }

    private int _refusal = 401;

    private HttpDoubleReply Answer(ProxiedRequest request)
    {
        lock (_good)
        {
            if (!_good.Contains(request.Headers.GetValueOrDefault("Authorization") ?? ""))
                return new HttpDoubleReply(_refusal, """{"error":{"message":"token expired","type":"NotAuthorizedException","code":401}}""");
        }

        return request.Target.StartsWith("/v1/config", StringComparison.Ordinal)
            ? new HttpDoubleReply(200, """{"defaults":{},"overrides":{},"idempotency-key-lifetime":"PT30M"}""")
            : request.Method == "POST" ? new HttpDoubleReply(409, """{"error":{"message":"moved","type":"CommitFailedException","code":409}}""")
            : new HttpDoubleReply(200, """{"namespace":["a"],"properties":{}}""");
    }

    private HttpDoubleReply Token(ProxiedRequest request)
    {
        if (Form(request)["client_secret"] != "s3cr&t+ü")
            return new HttpDoubleReply(401, """{"error":"invalid_client"}""");
        lock (_good)
        {
            var token = string.Create(CultureInfo.InvariantCulture, $"token-{++_tokens}");
            _good.Add("Bearer " + token);
            return new HttpDoubleReply(200, $$"""{"access_token":"{{token}}","token_type":"bearer","expires_in":3600}""");
        }
    }

    private Task<RestCatalog> ConnectAsync() => RestCatalog.ConnectAsync(
        new RestCatalogOptions
        {
            Uri = _catalog.Uri,
            Clock = _clock,
            Auth = new RestAuth.ClientCredentials("philotes", () => "s3cr&t+ü", "PRINCIPAL_ROLE:ALL", new Uri(_provider.Uri, "token"), "lake", "urn:lake"),
        },
        CancellationToken.None);

    private static NameValueCollection Form(ProxiedRequest request) => System.Web.HttpUtility.ParseQueryString(request.Text);
}

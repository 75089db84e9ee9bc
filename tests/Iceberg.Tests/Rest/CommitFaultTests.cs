using Philotes.Iceberg.Rest;
using Philotes.Testing;
using static Philotes.Iceberg.Tests.Rest.CatalogTables;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>What a commit returns when the way to the catalog, or the catalog itself, fails; and that nothing is ever sent twice.</summary>
public sealed class CommitFaultTests
{
    const string Page = "<html><body><h1>502 Bad Gateway</h1>\u001b[31mnginx</body></html>";

    ScriptedProxy _proxy = null!;
    RestCatalog _catalog = null!;
    LoadedTable _table = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        _proxy = ScriptedProxy.Start(RestSetUp.Catalog.Uri);
        var options = new RestCatalogOptions { Uri = _proxy.Uri, Timeout = TimeSpan.FromSeconds(60), Auth = new RestAuth.Bearer(() => "secret") };
        _catalog = await RestCatalog.ConnectAsync(options, CancellationToken.None);
        _table = await CreateAsync(_catalog);
    }

    [TearDown]
    public async Task DisconnectAsync()
    {
        _catalog.Dispose();
        await _proxy.DisposeAsync();
    }

    [TestCase(401)]
    [TestCase(403)]
    [TestCase(404)]
    [TestCase(406)]
    [TestCase(419)]
    [TestCase(422)]
    [TestCase(400)]
    [TestCase(501)]
    public async Task A_no_is_refused_with_the_catalogs_words(int status)
    {
        // A proof that has ended is renewed once; only the second refusal counts.
        if (status is 401 or 419)
            _proxy.ScriptPost(new ProxyFault.AnswerInstead(status, Error("ForbiddenException", "not you", status)));
        var outcome = await CommitUnderAsync(new ProxyFault.AnswerInstead(status, Error("ForbiddenException", "not you", status)));
        Assert.That(outcome, Is.EqualTo(new CommitOutcome.Refused(status, "ForbiddenException: not you")));
    }

    [TestCase(408)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task A_failing_server_leaves_the_outcome_unknown(int status)
    {
        var outcome = await CommitUnderAsync(new ProxyFault.ForwardThenAnswer(status, Error("InternalServerError", "oops", status)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome, Is.EqualTo(new CommitOutcome.Unknown("InternalServerError: oops", status)));
            Assert.That(await IsAppliedAsync(), "the server did it, whatever the answer said");
        }
    }

    [Test]
    public async Task A_page_of_a_proxy_is_unknown_and_shown_in_one_clean_line()
    {
        var outcome = await CommitUnderAsync(new ProxyFault.AnswerInstead(502, Page, "text/html"));
        Assert.That((outcome as CommitOutcome.Unknown)?.Text, Does.Contain("502 Bad Gateway").And.Contain("text/html").And.Not.Contain("\u001b"));
    }

    [TestCase("<html>welcome</html>", "text/html")]
    [TestCase("{}", "application/json")]
    [TestCase("", "application/json")]
    [TestCase("[1,2]", "application/json")]
    [TestCase("{\"metadata\":{\"format-version\":\"two\"}}", "application/json")]
    [TestCase("{\"metadata\":null}", "text/plain")]
    public async Task A_success_that_is_not_a_table_is_unknown(string body, string contentType)
    {
        var outcome = await CommitUnderAsync(new ProxyFault.ForwardThenAnswer(200, body, contentType));
        Assert.That(outcome, Is.TypeOf<CommitOutcome.Unknown>());
        Assert.That(await IsAppliedAsync());
    }

    [Test]
    public async Task A_lost_or_broken_reply_is_unknown_and_the_commit_is_sent_once(
        [Values("drop", "cut", "short", "request")] string fault)
    {
        var outcome = await CommitUnderAsync(fault switch
        {
            "drop" => new ProxyFault.DropReply(),
            "cut" => new ProxyFault.CutReply(100),
            "short" => new ProxyFault.ShortenReply(100),
            _ => new ProxyFault.DropRequest(),
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome, Is.TypeOf<CommitOutcome.Unknown>());
            Assert.That(await IsAppliedAsync(), Is.EqualTo(fault != "request"));
            Assert.That(_proxy.Requests.Count(IsCommit), Is.EqualTo(1), "nothing is sent twice");
        }
    }

    [Test]
    public async Task Silence_is_unknown_after_the_deadline()
    {
        var options = new RestCatalogOptions { Uri = _proxy.Uri, Timeout = TimeSpan.FromSeconds(3) };
        using var impatient = await RestCatalog.ConnectAsync(options, CancellationToken.None);
        _proxy.ScriptPost(new ProxyFault.Delay(TimeSpan.FromMinutes(2)));
        var outcome = await impatient.CommitAsync(SetProperty(_table, "applied", "yes"), CancellationToken.None);
        Assert.That((outcome as CommitOutcome.Unknown)?.Text, Does.StartWith("No complete reply within 3 s"));
    }

    [Test]
    public async Task Our_own_cancellation_is_not_an_outcome()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        _proxy.ScriptPost(new ProxyFault.Delay(TimeSpan.FromMinutes(2)));
        await Assert.CatchAsync<OperationCanceledException>(() => _catalog.CommitAsync(SetProperty(_table, "applied", "yes"), cancel.Token));
    }

    [Test]
    public async Task A_request_delivered_twice_ends_in_a_conflict_and_once_in_the_table()
    {
        _proxy.ScriptPost(new ProxyFault.DeliverTwice());
        var outcome = await _catalog.CommitAsync(Append(_table), CancellationToken.None);
        var table = await _catalog.LoadTableAsync(_table.Identifier, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome, Is.Not.TypeOf<CommitOutcome.Refused>().And.Not.TypeOf<CommitOutcome.Unknown>());
            Assert.That(table.Metadata.Snapshots, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task A_zombie_is_killed_by_the_moved_head()
    {
        var head = CatalogTables.Committed(await _catalog.CommitAsync(Append(_table), CancellationToken.None));
        _proxy.ScriptPost(new ProxyFault.Hold());
        Assert.That(await _catalog.CommitAsync(Append(head), CancellationToken.None), Is.TypeOf<CommitOutcome.Unknown>());

        var retried = CatalogTables.Committed(await _catalog.CommitAsync(Append(head), CancellationToken.None));
        Assert.That(await _proxy.ReleaseHeldAsync(), Is.EqualTo([409]));
        var now = await _catalog.LoadTableAsync(_table.Identifier, CancellationToken.None);
        Assert.That(now.Metadata.CurrentSnapshotId, Is.EqualTo(retried.Metadata.CurrentSnapshotId));
    }

    [TestCase("CommitFailedException")]
    [TestCase("")]
    [TestCase("AlreadyExistsException")]
    [TestCase("ConflictError")]
    public async Task A_409_is_a_conflict_whatever_its_type(string type) =>
        Assert.That(await CommitUnderAsync(new ProxyFault.AnswerInstead(409, Error(type, "no", 409))), Is.TypeOf<CommitOutcome.Conflict>());

    [Test]
    public async Task Two_types_make_a_409_something_else()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await CommitUnderAsync(new ProxyFault.AnswerInstead(409, Error("RequestInProgress", "", 409))), Is.TypeOf<CommitOutcome.Unknown>());
            Assert.That(await CommitUnderAsync(new ProxyFault.AnswerInstead(409, Error("FailedToSetProperties", "", 409))), Is.TypeOf<CommitOutcome.Refused>());
        }
    }

    [Test]
    public async Task A_redirect_is_refused_and_not_followed()
    {
        var headers = new Dictionary<string, string> { ["Location"] = "http://elsewhere.example/" };
        var outcome = await CommitUnderAsync(new ProxyFault.AnswerInstead(307) { Headers = headers });
        Assert.That((outcome as CommitOutcome.Refused)?.Text, Does.Contain("http://elsewhere.example/"));
    }

    [Test]
    public async Task The_wait_that_the_server_asks_for_is_passed_on()
    {
        var headers = new Dictionary<string, string> { ["Retry-After"] = "7" };
        var outcome = await CommitUnderAsync(new ProxyFault.AnswerInstead(503) { Headers = headers });
        Assert.That((outcome as CommitOutcome.Unknown)?.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [Test]
    public async Task The_token_is_sent_and_never_printed()
    {
        await CommitUnderAsync(new ProxyFault.AnswerInstead(500));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_proxy.Requests, Has.All.Matches<ProxiedRequest>(request => request!.Headers["Authorization"] == "Bearer secret"));
            Assert.That(new RestCatalogOptions { Uri = _proxy.Uri, Auth = new RestAuth.Bearer(() => "secret") }.ToString(), Does.Not.Contain("secret"));
        }
    }

    Task<CommitOutcome> CommitUnderAsync(ProxyFault fault)
    {
        _proxy.Script(fault, IsCommit);
        return _catalog.CommitAsync(SetProperty(_table, "applied", "yes"), CancellationToken.None);
    }

    async Task<bool> IsAppliedAsync() =>
        (await _catalog.LoadTableAsync(_table.Identifier, CancellationToken.None)).Metadata.Properties.ContainsKey("applied");

    static bool IsCommit(ProxiedRequest request) => request.Method == "POST" && request.Target.EndsWith("/tables/orders", StringComparison.Ordinal);

    static string Error(string type, string message, int code) => $$"""{"error":{"message":"{{message}}","type":"{{type}}","code":{{code}},"stack":["a","b"] } }""";
}

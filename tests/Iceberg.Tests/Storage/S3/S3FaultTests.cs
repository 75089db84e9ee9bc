using NUnit.Framework.Constraints;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;
using Philotes.Testing;
using ListMultipartUploadsRequest = Amazon.S3.Model.ListMultipartUploadsRequest;

namespace Philotes.Iceberg.Tests.Storage.S3;

/// <summary>A real store behind a network that loses, delays and refuses by script.</summary>
[CancelAfter(120_000)]
public sealed class S3FaultTests
{
    private ScriptedProxy _proxy = null!;
    private ObjectStores _stores = null!;
    private IObjectStore _store = null!;
    private string _bucket = "";

    [SetUp]
    public async Task OpenAsync()
    {
        _bucket = await S3SetUp.Store.CreateBucketAsync();
        _proxy = ScriptedProxy.StartBeforeStore(S3SetUp.Store.Endpoint);
        _stores = S3SetUp.Stores(_proxy.Uri);
        _store = _stores.For(Uri("x"));
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _stores.Dispose();
        await _proxy.DisposeAsync();
    }

    [Test]
    public async Task A_put_whose_answer_is_lost_recognises_its_own_object(CancellationToken token)
    {
        _proxy.Script(new ProxyFault.DropReply());
        await _store.PutNewAsync(Uri("a"), "mine"u8.ToArray(), token);

        Assert.That(_proxy.Requests.Count(request => request.Method == "PUT"), Is.EqualTo(2), "it was repeated, and the repetition was refused");
        Assert.That(await _store.ReadAsync(Uri("a"), token), Is.EqualTo("mine"u8.ToArray()));
    }

    [Test]
    public async Task A_put_whose_outcome_stays_unknown_is_looked_up_before_it_counts_as_failed(CancellationToken token)
    {
        _proxy.Script(new ProxyFault.ForwardThenAnswer(500, Error("InternalError"), "application/xml"), IsPut);
        for (var i = 0; i < 4; i++)
            _proxy.Script(new ProxyFault.AnswerInstead(500, Error("InternalError"), "application/xml"), IsPut);

        await _store.PutNewAsync(Uri("a"), "mine"u8.ToArray(), token);

        Assert.That(_proxy.Requests[^1].Method, Is.EqualTo("HEAD"));
    }

    [TestCase(503, "SlowDown")]
    [TestCase(500, "InternalError")]
    [TestCase(429, "TooManyRequests")]
    [TestCase(502, "")]
    [TestCase(504, "")]
    public async Task Throttling_and_failures_of_the_store_are_waited_out(int status, string code, CancellationToken token)
    {
        _proxy.Script(new ProxyFault.AnswerInstead(status, Error(code), "application/xml"));
        _proxy.Script(new ProxyFault.AnswerInstead(status, Error(code), "application/xml"));
        await _store.PutNewAsync(Uri("a"), "x"u8.ToArray(), token);
        Assert.That(await _store.HeadAsync(Uri("a"), token), Is.EqualTo(1));
    }

    [Test]
    public async Task A_request_that_never_arrived_is_sent_again(CancellationToken token)
    {
        _proxy.Script(new ProxyFault.DropRequest());
        await _store.PutNewAsync(Uri("a"), "x"u8.ToArray(), token);
        Assert.That(await _store.HeadAsync(Uri("a"), token), Is.EqualTo(1));
    }

    [Test]
    public void A_store_that_stays_away_is_unreachable_and_not_a_bug()
    {
        for (var i = 0; i < 40; i++)
            _proxy.Script(new ProxyFault.AnswerInstead(503, "<html>gateway</html>", "text/html"));
        Assert.That(() => _store.PutNewAsync(Uri("a"), "x"u8.ToArray(), CancellationToken.None), Failure(ObjectStoreFailure.Unreachable));
    }

    [Test]
    public async Task A_reply_that_breaks_off_is_never_taken_for_the_object(CancellationToken token)
    {
        await _store.PutNewAsync(Uri("a"), new byte[100_000], token);
        _proxy.Script(new ProxyFault.CutReply(50_000));
        Assert.That(() => _store.ReadAsync(Uri("a"), token), Failure(ObjectStoreFailure.Unreachable));
    }

    [Test]
    public async Task A_failed_upload_in_parts_is_aborted_and_leaves_nothing(CancellationToken token)
    {
        var file = await FileAsync(16 << 20, token);
        _proxy.Script(new ProxyFault.AnswerInstead(403, Error("AccessDenied"), "application/xml"), request => request.Target.Contains("partNumber=2", StringComparison.Ordinal));

        Assert.That(() => _store.PutNewFileAsync(Uri("a"), file, token), Failure(ObjectStoreFailure.NotPermitted));

        var left = await S3SetUp.Store.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, token);
        Assert.That(left.MultipartUploads ?? [], Is.Empty);
        Assert.That(await S3SetUp.Store.KeysAsync(_bucket), Is.Empty);
    }

    [Test]
    public async Task A_store_that_does_not_tell_whether_a_name_is_free_still_takes_a_large_file(CancellationToken token)
    {
        var file = await FileAsync(6 << 20, token);
        _proxy.Script(new ProxyFault.AnswerInstead(403), request => request.Method == "HEAD");
        await _store.PutNewFileAsync(Uri("a"), file, token);
        Assert.That(await _store.HeadAsync(Uri("a"), token), Is.EqualTo(6 << 20));
    }

    [Test]
    public async Task A_completion_whose_answer_is_lost_counts(CancellationToken token)
    {
        var file = await FileAsync(11 << 20, token);
        _proxy.Script(new ProxyFault.DropReply(), request => request.Method == "POST" && request.Target.Contains("uploadId=", StringComparison.Ordinal));

        await _store.PutNewFileAsync(Uri("a"), file, token);

        Assert.That(await _store.HeadAsync(Uri("a"), token), Is.EqualTo(11 << 20));
    }

    [Test]
    public async Task Uploads_that_a_killed_process_left_are_ended_by_age_under_one_folder_only(CancellationToken token)
    {
        foreach (var key in new[] { "mine/a", "mine/b", "other/c" })
            await S3SetUp.Store.Client.InitiateMultipartUploadAsync(_bucket, key, token);

        Assert.That(await _store.EndUploadsAsync(Uri("mine"), DateTimeOffset.UtcNow.AddHours(-1), token), Is.Zero, "they are young");
        Assert.That(await _store.EndUploadsAsync(Uri("mine"), DateTimeOffset.UtcNow.AddHours(1), token), Is.EqualTo(2));
        var left = await S3SetUp.Store.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, token);
        Assert.That(left.MultipartUploads.Select(upload => upload.Key), Is.EqualTo(new[] { "other/c" }));
    }

    [Test]
    public async Task A_clock_that_is_wrong_is_set_by_the_stores(CancellationToken token)
    {
        var there = DateTimeOffset.UtcNow.AddHours(2);
        _proxy.Script(new ProxyFault.AnswerInstead(403, Error("RequestTimeTooSkewed"), "application/xml")
        {
            Headers = new Dictionary<string, string> { ["Date"] = there.ToString("R") },
        });
        _proxy.Script(new ProxyFault.AnswerInstead(200));
        await _store.PutNewAsync(Uri("a"), "x"u8.ToArray(), token);

        var signed = DateTimeOffset.ParseExact(_proxy.Requests[^1].Headers["x-amz-date"], "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
        Assert.That(signed, Is.EqualTo(there).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task A_store_that_does_not_know_the_condition_is_asked_first_instead(CancellationToken token)
    {
        await _store.PutNewAsync(Uri("taken"), "theirs"u8.ToArray(), token);
        _proxy.Script(new ProxyFault.AnswerInstead(501, Error("NotImplemented"), "application/xml"), IsPut);

        Assert.That(() => _store.PutNewAsync(Uri("taken"), "x"u8.ToArray(), token), Failure(ObjectStoreFailure.AlreadyExists));
        await _store.PutNewAsync(Uri("free"), "x"u8.ToArray(), token);

        Assert.That(_proxy.Requests.Last(IsPut).Headers, Does.Not.ContainKey("If-None-Match"));
    }

    [Test]
    public async Task Every_put_asks_for_a_new_name_and_is_signed_whole(CancellationToken token)
    {
        await _store.PutNewAsync(Uri("a"), "x"u8.ToArray(), token);
        var put = _proxy.Requests.Single(IsPut);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(put.Headers["If-None-Match"], Is.EqualTo("*"));
            Assert.That(put.Headers["x-amz-content-sha256"], Has.Length.EqualTo(64), "not in chunks, not left out");
            Assert.That(put.Headers.Keys.Where(name => name.StartsWith("x-amz-checksum", StringComparison.OrdinalIgnoreCase)), Is.Empty, "a store of one's own");
        }
    }

    [Test]
    public async Task Checksums_are_sent_when_they_are_asked_for(CancellationToken token)
    {
        using var stores = new ObjectStores(S3SetUp.Options(_proxy.Uri) with { Checksums = S3Checksums.WhenSupported });
        _proxy.Script(new ProxyFault.AnswerInstead(200));
        await stores.For(Uri("a")).PutNewAsync(Uri("a"), "x"u8.ToArray(), token);
        Assert.That(_proxy.Requests.Single().Headers.Keys, Has.Some.StartsWith("x-amz-checksum").IgnoreCase.Or.Some.EqualTo("x-amz-trailer").IgnoreCase);
    }

    [TestCase(S3Encryption.SseS3, "AES256")]
    [TestCase(S3Encryption.SseKms, "aws:kms")]
    public async Task Encryption_is_asked_for_on_puts_and_uploads_in_parts(S3Encryption encryption, string header, CancellationToken token)
    {
        var key = encryption is S3Encryption.SseKms ? "key-1" : null;
        using var stores = new ObjectStores(S3SetUp.Options(_proxy.Uri) with { Encryption = encryption, KmsKey = key });
        var file = await FileAsync(6 << 20, token);
        for (var i = 0; i < 2; i++)
            _proxy.Script(new ProxyFault.AnswerInstead(i == 0 ? 200 : 403, i == 0 ? "" : Error("AccessDenied"), "application/xml"), request => request.Method is "PUT" or "POST");

        await stores.For(Uri("a")).PutNewAsync(Uri("a"), "x"u8.ToArray(), token);
        Assert.That(() => stores.For(Uri("b")).PutNewFileAsync(Uri("b"), file, token), Failure(ObjectStoreFailure.NotPermitted));

        var sent = _proxy.Requests.Where(request => request.Method is "PUT" or "POST").ToList();
        Assert.That(sent.Select(request => request.Headers.GetValueOrDefault("x-amz-server-side-encryption")), Is.EqualTo(new[] { header, header }));
        Assert.That(sent.Select(request => request.Headers.GetValueOrDefault("x-amz-server-side-encryption-aws-kms-key-id")), Is.All.EqualTo(key));
    }

    [TestCase(null, "http://store.example/", "http://store.example/bucket/a")]
    [TestCase(false, "http://store.example/", "http://bucket.store.example/a")]
    [TestCase(null, null, "https://bucket.s3.eu-west-1.amazonaws.com/a")]
    [TestCase(true, null, "https://s3.eu-west-1.amazonaws.com/bucket/a")]
    public void The_bucket_stands_where_the_path_style_says(bool? pathStyle, string? endpoint, string address)
    {
        var options = S3SetUp.Options() with { PathStyle = pathStyle, Endpoint = endpoint is null ? null : new Uri(endpoint), Region = "eu-west-1" };
        using var http = new S3HttpClients(options);
        using var client = S3Connection.With(options, S3Connection.CredentialsOf(options), http);
        var url = client.GetPreSignedURL(new Amazon.S3.Model.GetPreSignedUrlRequest
        {
            BucketName = "bucket",
            Key = "a",
            Expires = DateTime.UtcNow.AddMinutes(1),
            Protocol = endpoint is null ? Amazon.S3.Protocol.HTTPS : Amazon.S3.Protocol.HTTP,
        });
        Assert.That(url.Split('?')[0], Is.EqualTo(address));
    }

    private static bool IsPut(ProxiedRequest request) => request.Method == "PUT";

    private static string Error(string code) => $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>by script</Message></Error>";

    private static EqualConstraint Failure(ObjectStoreFailure failure) =>
        Throws.TypeOf<ObjectStoreException>().With.Property(nameof(ObjectStoreException.Failure)).EqualTo(failure);

    private string Uri(string key) => $"s3://{_bucket}/{key}";

    private static async Task<string> FileAsync(int length, CancellationToken token)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.bin");
        await File.WriteAllBytesAsync(path, new byte[length], token);
        return path;
    }
}

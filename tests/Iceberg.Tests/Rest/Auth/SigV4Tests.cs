using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage.S3;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest.Auth;

[CancelAfter(60_000)]
public sealed class SigV4Tests
{
    private const string AccessKey = "AKIDEXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// <summary>From AWS's published test suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla.</summary>
    [TestCase("GET", "http://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [TestCase("GET", "http://example.amazonaws.com/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [TestCase("POST", "http://example.amazonaws.com/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    public void The_published_examples_come_out(string method, string uri, string signature)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = "example.amazonaws.com", ["x-amz-date"] = "20150830T123600Z" };
        var header = SigV4.Authorization(method, new Uri(uri), headers, SigV4.Hash([]), "service", "us-east-1", AccessKey, SecretKey);
        Assert.That(header, Is.EqualTo(
            $"AWS4-HMAC-SHA256 Credential={AccessKey}/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}"));
    }

    [TestCase("glue", "catalogs/123456789012", null)]
    [TestCase("s3tables", "arn%3Aaws%3As3tables%3Aeu-west-1%3A1%3Abucket%2Flake", "session&token=")]
    [TestCase("execute-api", null, null)]
    public async Task A_server_that_verifies_accepts_every_kind_of_request(string service, string? prefix, string? sessionToken)
    {
        string? fault = null;
        await using var server = HttpDouble.Start(request =>
        {
            fault ??= AwsSignature.Fault(request, AccessKey, SecretKey, service, "eu-west-1") is { } wrong ? $"{request}: {wrong}" : null;
            fault ??= request.Headers.GetValueOrDefault("x-amz-security-token") == sessionToken ? null : "another session token";
            return fault is not null ? new HttpDoubleReply(403, """{"error":{"message":"signature","type":"Forbidden","code":403}}""")
                : request.Target.StartsWith("/v1/config", StringComparison.Ordinal) ? new HttpDoubleReply(200, prefix is null ? "{\"defaults\":{},\"overrides\":{}}" : """{"defaults":{},"overrides":{"prefix":"PREFIX"}}""".Replace("PREFIX", prefix, StringComparison.Ordinal))
                : new HttpDoubleReply(404, """{"error":{"message":"none","type":"NoSuchTableException","code":404}}""");
        });
        var auth = new RestAuth.SigV4(service, "eu-west-1", new S3Options { Keys = () => new S3Keys(AccessKey, SecretKey, sessionToken) });
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = server.Uri, Warehouse = "arn:aws:s3tables:eu-west-1:1:bucket/lake", Auth = auth }, CancellationToken.None);
        await catalog.FindTableAsync(new TableIdentifier(new NamespaceName("größe", "a b", "c%d"), "t/ü+~*'()!"), CancellationToken.None);
        await catalog.CommitAsync(new CommitRequest(TableIdentifier.Parse("a.b"), [], [new TableUpdate.SetProperties(new Dictionary<string, string> { ["ü"] = "v" })]), CancellationToken.None);

        Assert.That(fault, Is.Null);
        Assert.That(server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task The_verifying_server_refuses_a_wrong_secret()
    {
        await using var server = HttpDouble.Start(request => AwsSignature.Fault(request, AccessKey, SecretKey, "glue", "eu-west-1") is { } wrong
            ? new HttpDoubleReply(403, $$$"""{"error":{"message":"{{{wrong}}}","type":"Forbidden","code":403}}""")
            : new HttpDoubleReply(200, "{}"));
        var auth = new RestAuth.SigV4("glue", "eu-west-1", new S3Options { Keys = () => new S3Keys(AccessKey, "another") });
        Assert.That(() => RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = server.Uri, Auth = auth }, CancellationToken.None),
            Throws.TypeOf<CatalogRefusedException>().With.Message.Contains("does not fit"));
    }
}

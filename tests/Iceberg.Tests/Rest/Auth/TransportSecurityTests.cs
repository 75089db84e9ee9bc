using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Philotes.Iceberg.Rest;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest.Auth;

[CancelAfter(60_000)]
public sealed class TransportSecurityTests
{
    private string _root = "";
    private X509Certificate2 _server = null!;

    [OneTimeSetUp]
    public void MakeCertificates()
    {
        using var rootKey = RSA.Create(2048);
        var request = new CertificateRequest("CN=Test root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        _root = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.pem");
        File.WriteAllText(_root, root.ExportCertificatePem());
        using var key = RSA.Create(2048);
        var leaf = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        leaf.CertificateExtensions.Add(names.Build());
        using var signed = leaf.Create(root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        _server = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    [OneTimeTearDown]
    public void Drop() => _server?.Dispose();

    [Test]
    public async Task A_catalog_under_a_root_of_ones_own_is_trusted_when_the_configuration_names_it()
    {
        await using var server = HttpDouble.StartTls(_server, _ => new HttpDoubleReply(200, """{"defaults":{},"overrides":{}}"""));
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = server.Uri, RootCertificate = _root }, CancellationToken.None);
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_catalog_that_cannot_be_trusted_gets_no_request()
    {
        await using var server = HttpDouble.StartTls(_server, _ => new HttpDoubleReply(200, """{"defaults":{},"overrides":{}}"""));
        Assert.That(() => RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = server.Uri, Auth = new RestAuth.Bearer(() => "secret") }, CancellationToken.None),
            Throws.TypeOf<CatalogUnreachableException>().With.Message.Contains("SecureConnectionError"));
        Assert.That(server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_certificate_for_another_host_is_refused()
    {
        await using var server = HttpDouble.StartTls(_server, _ => new HttpDoubleReply(200, """{"defaults":{},"overrides":{}}"""));
        var other = new UriBuilder(server.Uri) { Host = "127.0.0.1" }.Uri;
        Assert.That(() => RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = other, RootCertificate = _root }, CancellationToken.None), Throws.TypeOf<CatalogUnreachableException>());
        Assert.That(server.Requests, Is.Empty);
    }

    [Test]
    public async Task Extra_headers_and_the_delegation_are_sent()
    {
        await using var server = HttpDouble.Start(request => request.Target.StartsWith("/v1/config", StringComparison.Ordinal)
            ? new HttpDoubleReply(200, """{"defaults":{},"overrides":{}}""")
            : new HttpDoubleReply(404, """{"error":{"message":"none","type":"NoSuchTableException","code":404}}"""));
        var options = new RestCatalogOptions { Uri = server.Uri, Headers = new Dictionary<string, string> { ["Polaris-Realm"] = "r1" }, AccessDelegation = "remote-signing" };
        using var catalog = await RestCatalog.ConnectAsync(options, CancellationToken.None);
        await catalog.FindTableAsync(TableIdentifier.Parse("a.b"), CancellationToken.None);
        Assert.That(server.Requests.Select(request => request.Headers["Polaris-Realm"]), Is.All.EqualTo("r1"));
        Assert.That(server.Requests[^1].Headers["X-Iceberg-Access-Delegation"], Is.EqualTo("remote-signing"));
    }
}

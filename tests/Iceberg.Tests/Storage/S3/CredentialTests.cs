using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Storage.S3;

/// <summary>Where keys come from when the configuration names none: each way ends in a request that a store signs again with the keys it should have been signed with.</summary>
[NonParallelizable]
[CancelAfter(60_000)]
public sealed class CredentialTests
{
    static readonly string[] Variables =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_EC2_METADATA_DISABLED", "AWS_STS_REGIONAL_ENDPOINTS",
    ];

    readonly Dictionary<string, string?> _before = [];
    string _folder = "";

    [SetUp]
    public void Isolate()
    {
        _folder = Directory.CreateTempSubdirectory("credentials-").FullName;
        foreach (var variable in Variables)
        {
            _before[variable] = Environment.GetEnvironmentVariable(variable);
            Environment.SetEnvironmentVariable(variable, null);
        }

        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        // The SDK keeps the region that it sees first for the whole process: the one in which a bucket needs no constraint.
        Environment.SetEnvironmentVariable("AWS_REGION", "us-east-1");
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", Path.Combine(_folder, "credentials"));
        Environment.SetEnvironmentVariable("AWS_CONFIG_FILE", Path.Combine(_folder, "config"));
    }

    [TearDown]
    public void Restore()
    {
        foreach (var (variable, value) in _before)
            Environment.SetEnvironmentVariable(variable, value);
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_session_of_the_configuration_signs_and_is_sent(CancellationToken cancellationToken) =>
        await AssertSignedAsync(new S3Options { Keys = () => new S3Keys("AKCONF", "configured secret", "configured session") }, "AKCONF", "configured secret", "configured session", cancellationToken);

    [Test]
    public async Task A_profile_of_the_shared_file_signs(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "credentials"), "[lake]\naws_access_key_id = AKPROFILE\naws_secret_access_key = profile-secret\naws_session_token = profile-session\n", cancellationToken);
        await AssertSignedAsync(new S3Options { Profile = "lake" }, "AKPROFILE", "profile-secret", "profile-session", cancellationToken);
        Assert.That(() => S3Connection.CredentialsOf(new S3Options { Profile = "nobody" }), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("nobody"));
    }

    [Test]
    public async Task A_role_is_taken_on_with_the_keys_of_the_configuration(CancellationToken cancellationToken)
    {
        await using var sts = Sts("AssumeRole");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", sts.Uri.AbsoluteUri);
        var options = new S3Options { Keys = () => new S3Keys("AKCONF", "configured secret"), RoleArn = "arn:aws:iam::1:role/lake", ExternalId = "outside" };
        await AssertSignedAsync(options, "AKROLE", "role-secret", "role-session", cancellationToken);
        var asked = sts.Requests.Single();
        Assert.That(AwsSignature.Fault(asked, "AKCONF", "configured secret", "sts", "us-east-1"), Is.Null);
        Assert.That(Uri.UnescapeDataString(asked.Text), Does.Contain("Action=AssumeRole&").And.Contain("arn:aws:iam::1:role/lake").And.Contain("ExternalId=outside"));
    }

    [Test]
    public async Task The_environments_keys_come_before_a_web_identity_and_that_before_the_default_profile(CancellationToken cancellationToken)
    {
        await using var sts = Sts("AssumeRoleWithWebIdentity");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_STS", sts.Uri.AbsoluteUri);
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), "proof-of-the-pod", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "credentials"), "[default]\naws_access_key_id = AKDEFAULT\naws_secret_access_key = default-secret\n", cancellationToken);
        Environment.SetEnvironmentVariable("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod");
        Environment.SetEnvironmentVariable("AWS_WEB_IDENTITY_TOKEN_FILE", Path.Combine(_folder, "token"));
        await AssertSignedAsync(new S3Options(), "AKROLE", "role-secret", "role-session", cancellationToken);
        Assert.That(sts.Requests.Single().Text, Does.Contain("Action=AssumeRoleWithWebIdentity").And.Contain("WebIdentityToken=proof-of-the-pod"));

        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKENV");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "environment secret");
        Environment.SetEnvironmentVariable("AWS_SESSION_TOKEN", "environment session");
        await AssertSignedAsync(new S3Options(), "AKENV", "environment secret", "environment session", cancellationToken);
    }

    /// <summary>A store that knows nothing but signatures is asked for an object.</summary>
    static async Task AssertSignedAsync(S3Options options, string accessKey, string secretKey, string? session, CancellationToken cancellationToken)
    {
        await using var store = HttpDouble.Start(_ => new HttpDoubleReply(404, "") { ContentType = "application/xml" });
        using var stores = new ObjectStores(options with { Endpoint = store.Uri, Region = "eu-north-1", Retries = 0 });
        Assert.That(await stores.For("s3://bucket/object").HeadAsync("s3://bucket/object", cancellationToken), Is.Null);
        var request = store.Requests.Single();
        Assert.That(AwsSignature.Fault(request, accessKey, secretKey, "s3", "eu-north-1"), Is.Null);
        Assert.That(request.Headers.GetValueOrDefault("x-amz-security-token"), Is.EqualTo(session));
    }

    static HttpDouble Sts(string action) => HttpDouble.Start(_ => new HttpDoubleReply(200, $"""
        <{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
        <Credentials><AccessKeyId>AKROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-session</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>
        <AssumedRoleUser><AssumedRoleId>A:philotes</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/lake/philotes</Arn></AssumedRoleUser>
        </{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>
        """) { ContentType = "text/xml" });
}

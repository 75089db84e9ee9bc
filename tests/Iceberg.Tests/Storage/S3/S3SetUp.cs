using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Storage.S3;

/// <summary>One real store for all tests of this folder; each test has a bucket of its own.</summary>
[SetUpFixture]
public sealed class S3SetUp
{
    public static S3Server Store { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => Store = await S3Server.SharedAsync();

    [OneTimeTearDown]
    public Task StopAsync() => S3Server.StopSharedAsync();

    public static S3Options Options(Uri? endpoint = null) => new()
    {
        Endpoint = endpoint ?? Store.Endpoint,
        Keys = () => new S3Keys(Store.AccessKey, Store.SecretKey),
        PartBytes = 5 << 20,
        Retries = 3,
    };

    public static ObjectStores Stores(Uri? endpoint = null) => new(Options(endpoint));
}

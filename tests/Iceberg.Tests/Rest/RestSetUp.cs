using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>One reference catalog for all tests of this folder; each test has a namespace of its own.</summary>
[SetUpFixture]
public sealed class RestSetUp
{
    static ReferenceCatalog? _catalog;

    public static ReferenceCatalog Catalog => _catalog ?? throw new InvalidOperationException("The reference catalog is not running.");

    [OneTimeSetUp]
    public async Task StartAsync() => _catalog = await ReferenceCatalog.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_catalog is { } catalog)
        {
            await catalog.DisposeAsync();
        }
    }
}

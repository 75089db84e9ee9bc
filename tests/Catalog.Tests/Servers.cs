using Philotes.Testing;

namespace Philotes.Catalog.Tests;

/// <summary>One Postgres for the assembly, a database per test.</summary>
[SetUpFixture]
internal sealed class Servers
{
    public static PostgresServer Postgres { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => Postgres = await PostgresServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Postgres is not null)
            await Postgres.DisposeAsync();
    }
}

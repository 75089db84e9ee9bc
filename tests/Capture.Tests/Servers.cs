using Philotes.Testing;

namespace Philotes.Capture.Tests;

/// <summary>One Postgres server for the assembly: every test has its own source and buffer databases, slot and publication on it.</summary>
[SetUpFixture]
internal sealed class Servers
{
    public static PostgresServer Postgres { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => Postgres = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["max_prepared_transactions"] = "20" });

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Postgres is not null)
        {
            await Postgres.DisposeAsync();
        }
    }
}

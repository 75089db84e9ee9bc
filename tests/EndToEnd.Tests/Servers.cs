using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The Postgres servers of this assembly: one is the source, one holds buffers and catalogs, as a careful operator would have it.</summary>
[SetUpFixture]
public sealed class Servers
{
    internal static PostgresServer Source { get; private set; } = null!;

    internal static PostgresServer Buffer { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Source = await PostgresServer.StartAsync();
        Buffer = await PostgresServer.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Source is not null)
        {
            await Source.DisposeAsync();
        }

        if (Buffer is not null)
        {
            await Buffer.DisposeAsync();
        }

        await S3Server.StopSharedAsync();
    }
}

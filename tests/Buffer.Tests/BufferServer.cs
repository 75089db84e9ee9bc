using Philotes.Testing;

namespace Philotes.Buffer.Tests;

/// <summary>One server for all tests of this assembly.</summary>
[SetUpFixture]
internal sealed class BufferServer
{
    public static PostgresServer Instance { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => Instance = await PostgresServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Instance is not null)
        {
            await Instance.DisposeAsync();
        }
    }
}

using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

/// <summary>One Postgres server for the whole assembly; each test takes fresh databases.</summary>
[SetUpFixture]
public sealed class PostgresSetUp
{
    private static PostgresServer? _server;

    public static async Task<PostgresServer> ServerAsync() => _server ??= await PostgresServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await S3Server.StopSharedAsync();
    }
}

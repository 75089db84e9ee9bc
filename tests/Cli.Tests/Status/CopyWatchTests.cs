using Npgsql;
using Philotes.Buffer;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Status;

public sealed class CopyWatchTests
{
    [Test, CancelAfter(60_000)]
    public async Task A_buffer_that_refuses_is_told_beside_the_line_until_it_answers(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var buffer = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var watch = new CopyWatch(buffer);
        await Until.TrueAsync(() => Task.FromResult(watch.Beside("the line") != "the line"), () => "nothing is told", cancellationToken);
        Assert.That(watch.Beside("the line"), Does.Match("^the line  [(]how far the copies are cannot be read: .*does not exist.*[)]$"));

        await new SchemaMigrator(buffer).UpAsync(cancellationToken);
        await Until.TrueAsync(() => Task.FromResult(watch.Beside("the line") == "the line"), () => watch.Beside("the line"), cancellationToken);
        Assert.That(watch.Copies, Is.Empty);
    }
}

using Npgsql;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

[CancelAfter(120_000)]
public sealed class HostTests
{
    [Test]
    public async Task The_scheduled_writer_commits_what_is_in_the_buffer_and_says_so(CancellationToken cancellationToken)
    {
        await using var bench = await WriterBench.StartAsync();
        var buffer = new NpgsqlConnectionStringBuilder(bench.ConnectionString);
        var options = bench.Options with
        {
            Buffer = new BufferOptions
            {
                Connection = new ConnectionOptions
                {
                    Host = buffer.Host!,
                    Port = buffer.Port,
                    Database = buffer.Database!,
                    User = buffer.Username!,
                    Password = Secret.Inline(buffer.Password!),
                    Tls = Tls.Disable,
                },
            },
            Lake = new LakeOptions { Catalog = new LakeCatalogOptions { Uri = bench.CatalogUri } },
            Observability = new ObservabilityOptions { WriterListen = new ListenAddress("127.0.0.1", 0) },
        };
        using var host = PhilotesHost.Build(PhilotesProcess.BatchWriter, options, services => services.AddBatchWriter(options));
        await host.StartAsync(cancellationToken);

        await bench.AppendAsync(WriterBench.Schema("hosted", 'd', ("id", "integer", true)), Change.Insert("1"));

        await Until.TrueAsync(
            async () => await bench.ScalarAsync<long>("select count(*) from philotes.batch where state = 'committed'") == 1,
            () => "no batch was committed", cancellationToken);
        await host.StopAsync(cancellationToken);
        Assert.That(await bench.ReadAsync("hosted"), Has.Count.EqualTo(1));
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Philotes.Catalog;
using Philotes.Hosting;

namespace Philotes.Catalog.Tests;

[CancelAfter(60_000)]
internal sealed class CatalogServicesTests
{
    [Test]
    public async Task The_catalog_serves_where_the_configuration_says_as_long_as_its_host_runs(CancellationToken cancellationToken)
    {
        var db = new NpgsqlConnectionStringBuilder(await Servers.Postgres.CreateDatabaseAsync());
        var port = Philotes.Testing.Peers.FreePort();
        string[] settings =
        [
            $"catalog.listen=127.0.0.1:{port}", "catalog.warehouse=file:///tmp", $"catalog.connection.host={db.Host}", $"catalog.connection.port={db.Port}",
            $"catalog.connection.database={db.Database}", $"catalog.connection.user={db.Username}", $"catalog.connection.password={db.Password}",
            "catalog.connection.tls=disable",
        ];
        var options = PhilotesConfiguration.Load(file: null, new Dictionary<string, string?>(), settings).Require(PhilotesProcess.Catalog);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging().AddCatalog(options);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        using var http = new HttpClient();
        var configuration = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/v1/config"), cancellationToken);
        await host.StopAsync(cancellationToken);
        Assert.That(configuration, Does.Contain("POST /v1/{prefix}/transactions/commit"));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/v1/config"), cancellationToken));
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Philotes.Catalog.Http;
using Philotes.Iceberg.Storage;
using Philotes.SqlCatalog;

namespace Philotes.Catalog;

/// <summary>
/// An Iceberg REST catalog inside this process: HTTP in front of a <see cref="CatalogDatabase"/>.
/// </summary>
public sealed class EmbeddedCatalog : IAsyncDisposable
{
    const long BodyByteCountMax = 256L << 20;

    readonly WebApplication _server;
    readonly CatalogDatabase _database;
    readonly ObjectStores _stores;

    EmbeddedCatalog(WebApplication server, CatalogDatabase database, ObjectStores stores, Uri uri) =>
        (_server, _database, _stores, Uri) = (server, database, stores, uri);

    /// <summary>What clients take as the catalog's <c>uri</c>; without <c>/v1</c>.</summary>
    public Uri Uri { get; }

    public static async Task<EmbeddedCatalog> StartAsync(
        EmbeddedCatalogOptions options, CancellationToken cancellationToken, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        var stores = new ObjectStores(options.Store);
        var server = Server(options, loggers);
        try
        {
            var database = await CatalogDatabase.OpenAsync(
                new SqlCatalogOptions { ConnectionString = options.ConnectionString, Warehouse = options.Warehouse, Name = options.Name },
                stores, server.Services.GetRequiredService<ILogger<CatalogDatabase>>(), time ?? TimeProvider.System, cancellationToken);
            server.Run((RequestDelegate)new CatalogHandler(database).HandleAsync);
            await server.StartAsync(cancellationToken);
            var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            var uri = new Uri(address);
            server.Services.GetRequiredService<ILogger<EmbeddedCatalog>>().Listening(options.Name, uri, options.Warehouse);
            return new EmbeddedCatalog(server, database, stores, uri);
        }
        catch
        {
            await server.DisposeAsync();
            stores.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.DisposeAsync();
        _stores.Dispose();
    }

    /// <summary>An empty builder: no environment variable or file of the host moves the address.</summary>
    static WebApplication Server(EmbeddedCatalogOptions options, ILoggerFactory? loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (loggers is null)
            builder.Services.AddLogging();
        else
            builder.Services.AddSingleton(loggers).AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyByteCountMax;
            kestrel.Listen(options.Listen);
        });
        return builder.Build();
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Catalog.Commits;
using Philotes.Catalog.Entries;
using Philotes.Catalog.Http;
using Philotes.Catalog.Metadata;
using Philotes.Catalog.Namespaces;
using Philotes.Catalog.Tables;
using Philotes.Catalog.Views;
using Philotes.Iceberg.Storage;

namespace Philotes.Catalog;

/// <summary>
/// An Iceberg REST catalog inside this process: HTTP in front, Postgres rows in the layout of Iceberg's own JDBC catalog (V1)
/// behind, so that Java's JdbcCatalog and PyIceberg's SqlCatalog open the same database. It keeps no state of its own: any
/// number of them may serve one database, and one that dies loses nothing.
/// </summary>
public sealed class EmbeddedCatalog : IAsyncDisposable
{
    const long BodyByteCountMax = 256L << 20;

    readonly WebApplication _server;
    readonly NpgsqlDataSource _db;
    readonly ObjectStores _stores;

    EmbeddedCatalog(WebApplication server, NpgsqlDataSource db, ObjectStores stores, Uri uri) => (_server, _db, _stores, Uri) = (server, db, stores, uri);

    /// <summary>What clients take as the catalog's <c>uri</c>; without <c>/v1</c>.</summary>
    public Uri Uri { get; }

    public static async Task<EmbeddedCatalog> StartAsync(
        EmbeddedCatalogOptions options, CancellationToken cancellationToken, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        var db = NpgsqlDataSource.Create(options.ConnectionString);
        var stores = new ObjectStores(options.Store);
        try
        {
            var namespaces = new NamespaceStore(db, options.Name);
            await namespaces.CreateLayoutAsync(cancellationToken);
            var server = Server(options, loggers);
            var logger = server.Services.GetRequiredService<ILogger<CatalogHandler>>();
            var files = Files(options, stores, server.Services.GetRequiredService<ILoggerFactory>());
            var handler = new CatalogHandler(Router(options.Name, db, namespaces, files, time ?? TimeProvider.System), logger);
            server.Run((RequestDelegate)handler.HandleAsync);
            await server.StartAsync(cancellationToken);
            var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            var uri = new Uri(address);
            logger.Listening(options.Name, uri, options.Warehouse);
            return new EmbeddedCatalog(server, db, stores, uri);
        }
        catch
        {
            stores.Dispose();
            await db.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _db.DisposeAsync();
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

    static MetadataFiles Files(EmbeddedCatalogOptions options, ObjectStores stores, ILoggerFactory loggers)
    {
        var warehouse = options.Warehouse.TrimEnd('/');
        return new MetadataFiles(warehouse, stores.For(warehouse), loggers.CreateLogger<MetadataFiles>());
    }

    static CatalogRouter Router(string name, NpgsqlDataSource db, NamespaceStore namespaces, MetadataFiles files, TimeProvider time)
    {
        var entries = new EntryStore(db, name);
        var loop = new CommitLoop(entries, files, time);
        var commits = new TableCommits(entries, files, loop, time);
        return new CatalogRouter(
            new NamespaceEndpoints(namespaces),
            new EntryEndpoints(namespaces, entries),
            new TableEndpoints(namespaces, entries, files, commits, new TablePurge(files), time),
            new ViewEndpoints(namespaces, entries, files, loop, time));
    }
}

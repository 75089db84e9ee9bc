using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Iceberg.Storage;
using Philotes.SqlCatalog.Commits;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Http;
using Philotes.SqlCatalog.Metadata;
using Philotes.SqlCatalog.Namespaces;
using Philotes.SqlCatalog.Tables;
using Philotes.SqlCatalog.Views;

namespace Philotes.SqlCatalog;

/// <summary>
/// An Iceberg catalog over Postgres rows in the layout of Iceberg's own JDBC catalog (V1), so that Java's JdbcCatalog and PyIceberg's SqlCatalog open the
/// same database. It answers the requests of the REST protocol, whoever brings them: a server of HTTP, or <see cref="InProcessHandler"/>. It keeps no state
/// of its own: any number of them may work on one database, and one that dies loses nothing.
/// </summary>
public sealed class CatalogDatabase : IAsyncDisposable, IDisposable
{
    static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly NpgsqlDataSource _db;
    readonly CatalogRouter _router;
    readonly ILogger _logger;

    CatalogDatabase(NpgsqlDataSource db, CatalogRouter router, ILogger logger) => (_db, _router, _logger) = (db, router, logger);

    /// <summary>Makes the layout's tables where they are missing. The stores stay the caller's.</summary>
    public static async Task<CatalogDatabase> OpenAsync(
        SqlCatalogOptions options, ObjectStores stores, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var db = NpgsqlDataSource.Create(options.ConnectionString);
        try
        {
            var namespaces = new NamespaceStore(db, options.Name);
            await namespaces.CreateLayoutAsync(cancellationToken);
            var warehouse = options.Warehouse.TrimEnd('/');
            var files = new MetadataFiles(warehouse, stores.For(warehouse), logger);
            return new CatalogDatabase(db, Router(options.Name, db, namespaces, files, time), logger);
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    /// <summary>One request in, one answer out; every failure is an answer in the protocol's words. 5xx means: the outcome is not known.</summary>
    /// <param name="target">Path and query as they were sent, from <c>/v1</c> on.</param>
    public async Task<CatalogAnswer> AnswerAsync(string method, string target, string? ifNoneMatch, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var reply = await ReplyAsync(method, target, ifNoneMatch, body, cancellationToken);
        if (reply.Body is null || method == "HEAD")
            return new CatalogAnswer(reply.Status, reply.ETag, Body: null);
        var bytes = new ArrayBufferWriter<byte>(256 + (reply.WrittenMetadata?.Length ?? 0));
        await using (var writer = new Utf8JsonWriter(bytes, Written))
            reply.WriteTo(writer);
        return new CatalogAnswer(reply.Status, reply.ETag, bytes.WrittenMemory);
    }

    public ValueTask DisposeAsync() => _db.DisposeAsync();

    public void Dispose() => _db.Dispose();

    async Task<CatalogReply> ReplyAsync(string method, string target, string? ifNoneMatch, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            return await _router.RouteAsync(new CatalogRequest(method, target, ifNoneMatch, body), cancellationToken);
        }
        catch (CatalogException e)
        {
            return Error(e.Status, e.Type, e.Message);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.CharacterNotInRepertoire)
        {
            return Error(400, "BadRequestException", $"The catalog's database cannot hold this text: {e.MessageText}");
        }
        catch (ObjectStoreException e) when (e.Failure == ObjectStoreFailure.InvalidName)
        {
            return Error(400, "BadRequestException", e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new CatalogReply(499);
        }
        catch (Exception e)
        {
            _logger.RequestFailed(method, target, e);
            return Error(500, "InternalServerError", $"{e.GetType().Name}: {e.Message}");
        }
    }

    static CatalogReply Error(int status, string type, string message) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["code"] = status } });

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

using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// A client of one Iceberg REST catalog. Safe for concurrent use. Sends each request exactly once; whether to try again is the caller's decision, who
/// alone knows what a repetition would mean. Questions throw a <see cref="CatalogException"/>; changes of tables return what became of them.
/// </summary>
public sealed partial class RestCatalog : IDisposable
{
    readonly RestCatalogOptions _options;
    readonly RestTransport _transport;
    readonly RestRoutes _routes;
    readonly KnownTables _known = new();

    RestCatalog(RestCatalogOptions options, RestTransport transport, CatalogConfig config)
    {
        (_options, _transport, Config) = (options, transport, config);
        _routes = new RestRoutes(config.BaseUri, config.Prefix, config.NamespaceSeparator);
    }

    public CatalogConfig Config { get; }

    /// <summary>Asks the catalog for its configuration, which every other path depends on.</summary>
    public static async Task<RestCatalog> ConnectAsync(RestCatalogOptions options, CancellationToken cancellationToken)
    {
        var transport = new RestTransport(options);
        try
        {
            var call = new RestCall(HttpMethod.Get, RestRoutes.Config(options.Uri, options.Warehouse), "give its configuration");
            var answer = await transport.SendAsync(call, cancellationToken);
            return new RestCatalog(options, transport, RestConfig.Read(options, answer, call.Operation));
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    public void Dispose() => _transport.Dispose();

    /// <summary>The table as it is now: what the catalog sends, or what it sent before where it says that nothing changed (<see cref="KnownTables"/>).</summary>
    /// <exception cref="NotInCatalogException">There is no such table.</exception>
    public async Task<LoadedTable> LoadTableAsync(TableIdentifier table, CancellationToken cancellationToken)
    {
        var known = _known.Find(table);
        var call = new RestCall(HttpMethod.Get, _routes.Table(table), $"load table {table}")
        {
            Headers = known?.ETag is { } tag ? [.. DelegationHeaders(), new("If-None-Match", tag)] : DelegationHeaders(),
        };
        var answer = await _transport.SendAsync(call, cancellationToken);
        if (known is not null && answer is RestAnswer.Replied { Reply: { Status: 304 } unchanged })
        {
            return known with { ServerDate = unchanged.Date };
        }

        _known.Forget(table);
        if (answer is not RestAnswer.Replied { Reply: { IsSuccess: true } reply })
        {
            throw Failure(answer, call, table.ToString());
        }

        var loaded = Understand(call, reply, () => RestBodies.ReadTable(table, reply));
        _known.Keep(loaded, reply.Body.Length);
        return loaded;
    }

    /// <summary>As <see cref="LoadTableAsync"/>, but null when there is no such table.</summary>
    public async Task<LoadedTable?> FindTableAsync(TableIdentifier table, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadTableAsync(table, cancellationToken);
        }
        catch (NotInCatalogException)
        {
            return null;
        }
    }

    /// <summary>Creates an empty table. <see cref="CommitOutcome.Conflict"/>: it exists. Compare the reply with what was asked for.</summary>
    public Task<CommitOutcome> CreateTableAsync(CreateTableRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(request.Table, CreateCall(request, RestBodies.CreateTable(request, staged: false)), cancellationToken);

    /// <summary>
    /// Asks what the table would be; nothing exists afterwards. <see cref="StagedCreate"/> finishes it. Catalogs without staging refuse.
    /// </summary>
    public Task<CommitOutcome> StageCreateTableAsync(CreateTableRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(request.Table, CreateCall(request, RestBodies.CreateTable(request, staged: true)), cancellationToken);

    /// <summary>
    /// Sends the commit once. If <paramref name="cancellationToken"/> fires while it is under way, the outcome is unknown, as with
    /// <see cref="CommitOutcome.Unknown"/>.
    /// </summary>
    public Task<CommitOutcome> CommitAsync(CommitRequest request, CancellationToken cancellationToken) => ChangeAsync(
        request.Table,
        new RestCall(HttpMethod.Post, _routes.Table(request.Table), $"commit to table {request.Table}")
        {
            Body = RestBodies.Commit(request),
            Headers = IdempotencyHeaders(request.IdempotencyKey),
        },
        cancellationToken);

    /// <summary>Commits to several tables, all or none. Not every catalog has it: <see cref="CatalogConfig.MaySupport"/>.</summary>
    public async Task<TransactionOutcome> CommitTransactionAsync(IReadOnlyList<CommitRequest> requests, Guid? idempotencyKey, CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            _known.Forget(request.Table);
        }

        var call = new RestCall(HttpMethod.Post, _routes.Transaction(), $"commit to {requests.Count} tables")
        {
            Body = RestBodies.Transaction(requests),
            Headers = IdempotencyHeaders(idempotencyKey),
        };
        return RestErrors.ToTransactionOutcome(await _transport.SendAsync(call, cancellationToken));
    }

    /// <summary>Removes the table from the catalog and leaves its files. False when there was none.</summary>
    public Task<bool> DropTableAsync(TableIdentifier table, CancellationToken cancellationToken) => DropAsync(table, "false", cancellationToken);

    /// <summary>Removes the table and lets the catalog delete its files. False when there was none.</summary>
    public Task<bool> PurgeTableAsync(TableIdentifier table, CancellationToken cancellationToken) => DropAsync(table, "true", cancellationToken);

    async Task<CommitOutcome> ChangeAsync(TableIdentifier table, RestCall call, CancellationToken cancellationToken)
    {
        var known = _known.Find(table);
        _known.Forget(table);
        var answer = await _transport.SendAsync(call, cancellationToken);
        if (answer is not RestAnswer.Replied { Reply: { IsSuccess: true } reply })
        {
            return RestErrors.ToCommitOutcome(answer);
        }

        try
        {
            var changed = RestBodies.ReadTable(table, reply);
            _known.Follow(known, changed, reply.Body.Length);
            return new CommitOutcome.Committed(changed);
        }
        catch (IcebergFormatException unreadable)
        {
            return new CommitOutcome.Unknown($"The reply is not a table: {unreadable.Message}", reply.Status, Cause: unreadable);
        }
    }

    async Task<bool> DropAsync(TableIdentifier table, string purge, CancellationToken cancellationToken)
    {
        _known.Forget(table);
        var call = new RestCall(HttpMethod.Delete, _routes.TableToDrop(table, purge), $"drop table {table}");
        var answer = await _transport.SendAsync(call, cancellationToken);
        return answer is RestAnswer.Replied { Reply.IsSuccess: true } || (Failure(answer, call, table.ToString()) is NotInCatalogException
            ? false
            : throw Failure(answer, call, table.ToString()));
    }

    RestCall CreateCall(CreateTableRequest request, ReadOnlyMemory<byte> body) =>
        new(HttpMethod.Post, _routes.Tables(request.Table.Namespace), $"create table {request.Table}") { Body = body, Headers = DelegationHeaders() };

    KeyValuePair<string, string>[] DelegationHeaders() =>
        _options.AccessDelegation is { } delegation ? [new("X-Iceberg-Access-Delegation", delegation)] : [];

    KeyValuePair<string, string>[] IdempotencyHeaders(Guid? key) =>
        key is { } value && Config.IdempotencyKeyLifetime is not null ? [new("Idempotency-Key", value.ToString())] : [];

    T Understand<T>(RestCall call, RestReply reply, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (IcebergFormatException unreadable)
        {
            throw new CatalogUnreachableException(call.Operation, Config.BaseUri, unreadable.Message, reply.Status, retryAfter: null, unreadable);
        }
    }

    CatalogException Failure(RestAnswer answer, RestCall call, string name) => RestErrors.ToException(answer, call.Operation, name, Config.BaseUri);
}

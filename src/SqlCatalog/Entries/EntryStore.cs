using Dapper;
using Npgsql;
using Philotes.SqlCatalog.Namespaces;

namespace Philotes.SqlCatalog.Entries;

/// <summary>
/// The rows of <c>iceberg_tables</c>. A crash between writing a metadata file and <see cref="ApplyAsync"/> leaves only a
/// file that nothing refers to; after it, the new state is everybody's.
/// </summary>
internal sealed class EntryStore(NpgsqlDataSource db, string catalog)
{
    public async Task<StoredEntry?> FindAsync(EntryName name, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, transaction: null, name, cancellationToken);
    }

    public async Task<IReadOnlyList<string>> ListAsync(NamespaceName ns, EntryKind kind, string after, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        var arguments = new { catalog, ns = ns.Stored, kind = Stored(kind), after, rows };
        return [.. await connection.QueryAsync<string>(new CommandDefinition(EntrySql.List, arguments, cancellationToken: cancellationToken))];
    }

    /// <summary>
    /// Applies all changes or none, in one transaction, each a compare and swap in one statement.
    /// Returns the first change whose expectation did not hold, or null when all are in.
    /// </summary>
    public async Task<EntryChange?> ApplyAsync(IReadOnlyCollection<EntryChange> changes, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var change in changes.OrderBy(c => c.Name.ToString(), StringComparer.Ordinal))
        {
            var applied = change.Expected is null
                ? await InsertAsync(connection, transaction, change, cancellationToken)
                : await SwapAsync(connection, transaction, change, cancellationToken);
            if (!applied)
                return change;
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Renames an entry, into another namespace too. The metadata file stays where it is.</summary>
    public async Task RenameAsync(EntryName from, EntryName to, EntryKind kind, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await NamespaceStore.LockSharedAsync(transaction, catalog, to.Namespace, cancellationToken);
        var source = await FindAsync(connection, transaction, from, cancellationToken);
        if (source?.Kind != kind)
            throw kind == EntryKind.Table ? CatalogException.NoTable(from) : CatalogException.NoView(from);
        await NamespaceStore.RequireAsync(transaction, catalog, to.Namespace, cancellationToken);
        if (await FindAsync(connection, transaction, to, cancellationToken) is { } taken)
            throw CatalogException.AlreadyExists($"Cannot rename {from} to {to}. {taken.Kind} already exists");
        var arguments = new { catalog, ns = from.Namespace.Stored, name = from.Name, toNs = to.Namespace.Stored, toName = to.Name, kind = Stored(kind) };
        try
        {
            await connection.ExecuteAsync(new CommandDefinition(EntrySql.Rename, arguments, transaction, cancellationToken: cancellationToken));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw CatalogException.AlreadyExists($"Cannot rename {from} to {to}. {kind} already exists");
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Drops an entry and returns the location of its last metadata file; null when there was none.</summary>
    public async Task<string?> DeleteAsync(EntryName name, EntryKind kind, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        var arguments = new { catalog, ns = name.Namespace.Stored, name = name.Name, kind = Stored(kind) };
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(EntrySql.Delete, arguments, cancellationToken: cancellationToken));
    }

    async Task<StoredEntry?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, EntryName name, CancellationToken cancellationToken)
    {
        var arguments = new { catalog, ns = name.Namespace.Stored, name = name.Name };
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(EntrySql.Find, arguments, transaction, cancellationToken: cancellationToken));
        return row is null ? null : new StoredEntry(row.Kind == Stored(EntryKind.View) ? EntryKind.View : EntryKind.Table, row.Location);
    }

    async Task<bool> InsertAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, EntryChange change, CancellationToken cancellationToken)
    {
        await NamespaceStore.LockSharedAsync(transaction, catalog, change.Name.Namespace, cancellationToken);
        await NamespaceStore.RequireAsync(transaction, catalog, change.Name.Namespace, cancellationToken);
        return await WriteAsync(connection, transaction, EntrySql.Insert, change, cancellationToken);
    }

    Task<bool> SwapAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, EntryChange change, CancellationToken cancellationToken) =>
        WriteAsync(connection, transaction, EntrySql.Swap, change, cancellationToken);

    async Task<bool> WriteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, EntryChange change, CancellationToken cancellationToken)
    {
        var arguments = new
        {
            catalog,
            ns = change.Name.Namespace.Stored,
            name = change.Name.Name,
            location = change.Location,
            expected = change.Expected,
            kind = Stored(change.Kind),
        };
        return await connection.ExecuteAsync(new CommandDefinition(sql, arguments, transaction, cancellationToken: cancellationToken)) == 1;
    }

    static string Stored(EntryKind kind) => kind switch
    {
        EntryKind.Table => "TABLE",
        EntryKind.View => "VIEW",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    sealed record Row(string Kind, string Location);
}

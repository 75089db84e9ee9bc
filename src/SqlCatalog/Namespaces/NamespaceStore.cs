using Dapper;
using Npgsql;
using Philotes.SqlCatalog.Entries;

namespace Philotes.SqlCatalog.Namespaces;

/// <summary>
/// The rows of <c>iceberg_namespace_properties</c>. Making something inside a namespace and dropping it exclude each other by
/// an advisory lock per namespace tree, so no table is ever left in a namespace that is gone.
/// </summary>
internal sealed class NamespaceStore(NpgsqlDataSource db, string catalog)
{
    /// <summary>The property by which Iceberg's JDBC catalog, and PyIceberg's SQL catalog, mark a namespace that has no other.</summary>
    const string ExistsKey = "exists";

    public static Task LockSharedAsync(NpgsqlTransaction transaction, string catalog, NamespaceName ns, CancellationToken cancellationToken) =>
        ExecuteAsync(transaction, NamespaceSql.LockShared, new { catalog, root = ns.Levels[0] }, cancellationToken);

    public static async Task RequireAsync(NpgsqlTransaction transaction, string catalog, NamespaceName ns, CancellationToken cancellationToken)
    {
        if (!await AskAsync(transaction, NamespaceSql.Exists, new { catalog, ns = ns.Stored }, cancellationToken))
            throw CatalogException.NoNamespace(ns);
    }

    public async Task CreateLayoutAsync(CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(transaction, EntrySql.LockLayout, arguments: null, cancellationToken);
        await ExecuteAsync(transaction, EntrySql.CreateLayout, arguments: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public Task RequireAsync(NamespaceName ns, CancellationToken cancellationToken) =>
        InTransactionAsync(transaction => RequireAsync(transaction, catalog, ns, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<string>> ChildrenAsync(NamespaceName? parent, string after, int rows, CancellationToken cancellationToken)
    {
        if (parent is not null)
            await RequireAsync(parent, cancellationToken);
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        var arguments = new { catalog, prefix = parent is null ? "" : parent.Stored + ".", after, rows };
        return [.. await connection.QueryAsync<string>(new CommandDefinition(NamespaceSql.Children, arguments, cancellationToken: cancellationToken))];
    }

    public Task CreateAsync(NamespaceName ns, IReadOnlyDictionary<string, string> properties, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async transaction =>
            {
                // Exclusive, so that of two who create the same name the second sees the first.
                await ExecuteAsync(transaction, NamespaceSql.LockExclusive, new { catalog, root = ns.Levels[0] }, cancellationToken);
                if (await AskAsync(transaction, NamespaceSql.Exists, new { catalog, ns = ns.Stored }, cancellationToken))
                    throw CatalogException.AlreadyExists($"Namespace already exists: {ns}");
                await SetAsync(transaction, ns, new Dictionary<string, string>(properties) { [ExistsKey] = "true" }, cancellationToken);
            },
            cancellationToken);

    public async Task<IReadOnlyDictionary<string, string>> PropertiesAsync(NamespaceName ns, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string>? found = null;
        await InTransactionAsync(
            async transaction =>
            {
                await RequireAsync(transaction, catalog, ns, cancellationToken);
                found = await ReadAsync(transaction, ns, cancellationToken);
            },
            cancellationToken);
        return found!;
    }

    /// <summary>Sets and removes properties together; returns the removed keys that were there.</summary>
    public async Task<IReadOnlySet<string>> UpdateAsync(
        NamespaceName ns, IReadOnlyDictionary<string, string> updates, IReadOnlyCollection<string> removals, CancellationToken cancellationToken)
    {
        IReadOnlySet<string>? removed = null;
        await InTransactionAsync(
            async transaction =>
            {
                await LockSharedAsync(transaction, catalog, ns, cancellationToken);
                await RequireAsync(transaction, catalog, ns, cancellationToken);
                removed = await RemoveAsync(transaction, ns, [.. removals.Where(k => k != ExistsKey)], cancellationToken);
                await SetAsync(transaction, ns, new Dictionary<string, string>(updates) { [ExistsKey] = "true" }, cancellationToken);
            },
            cancellationToken);
        return removed!;
    }

    public Task DropAsync(NamespaceName ns, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async transaction =>
            {
                await ExecuteAsync(transaction, NamespaceSql.LockExclusive, new { catalog, root = ns.Levels[0] }, cancellationToken);
                await RequireAsync(transaction, catalog, ns, cancellationToken);
                if (await AskAsync(transaction, NamespaceSql.HasContent, new { catalog, ns = ns.Stored }, cancellationToken))
                    throw CatalogException.NotEmpty(ns);
                await ExecuteAsync(transaction, NamespaceSql.Delete, new { catalog, ns = ns.Stored }, cancellationToken);
            },
            cancellationToken);

    async Task<IReadOnlyDictionary<string, string>> ReadAsync(NpgsqlTransaction transaction, NamespaceName ns, CancellationToken cancellationToken)
    {
        var command = new CommandDefinition(NamespaceSql.Properties, new { catalog, ns = ns.Stored }, transaction, cancellationToken: cancellationToken);
        var rows = await transaction.Connection!.QueryAsync<Property>(command);
        return rows.Where(p => p.Key != ExistsKey).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
    }

    async Task<IReadOnlySet<string>> RemoveAsync(NpgsqlTransaction transaction, NamespaceName ns, string[] keys, CancellationToken cancellationToken)
    {
        var command = new CommandDefinition(
            NamespaceSql.RemoveProperties, new { catalog, ns = ns.Stored, keys }, transaction, cancellationToken: cancellationToken);
        return (await transaction.Connection!.QueryAsync<string>(command)).ToHashSet(StringComparer.Ordinal);
    }

    Task<int> SetAsync(NpgsqlTransaction transaction, NamespaceName ns, Dictionary<string, string> properties, CancellationToken cancellationToken) =>
        ExecuteAsync(
            transaction,
            NamespaceSql.SetProperties,
            new { catalog, ns = ns.Stored, keys = properties.Keys.ToArray(), values = properties.Values.ToArray() },
            cancellationToken);

    async Task InTransactionAsync(Func<NpgsqlTransaction, Task> work, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await work(transaction);
        await transaction.CommitAsync(cancellationToken);
    }

    static Task<int> ExecuteAsync(NpgsqlTransaction transaction, string sql, object? arguments, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, arguments, transaction, cancellationToken: cancellationToken));

    static Task<bool> AskAsync(NpgsqlTransaction transaction, string sql, object arguments, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(sql, arguments, transaction, cancellationToken: cancellationToken));

    sealed record Property(string Key, string Value);
}

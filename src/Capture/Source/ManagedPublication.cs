using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Keeps two publications in step with the configuration: one of all changes, and one of inserts and truncates for tables without a
/// replica identity. Both are made before the slot and never dropped: decoding looks them up in the catalog of the past.
/// </summary>
internal sealed class ManagedPublication(
    string fullName, string appendOnlyName, Func<TableName, bool> matches, Func<CancellationToken, Task<IReadOnlyDictionary<uint, TableName>>> captured) : IPublication
{
    /// <summary>A table that is being altered is taken up at the next look rather than waited for.</summary>
    private const string BoundedWait = "set lock_timeout = '2s'";

    private readonly HashSet<TableName> _warned = [];

    public IReadOnlyList<string> Names => [fullName, appendOnlyName];

    /// <summary>Creates what is missing, then brings the tables into line. Idempotent.</summary>
    public async Task<PublicationChange> SynchroniseAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(catalog, BoundedWait, cancellationToken);
            await CreateMissingAsync(catalog, cancellationToken);
            var tables = await TablesAsync(catalog, cancellationToken);
            var names = await captured(cancellationToken);
            var plan = PublicationPlan.Make(tables, IsWanted);
            await PerformAsync(catalog, plan, cancellationToken);
            return Describe(tables.Where(IsWanted).ToList(), plan);

            // A table that was renamed or moved stays wanted under the name it was first seen by.
            bool IsWanted(PublishedTable table) => matches(table.Name) || (names.TryGetValue(table.Oid, out var first) && matches(first));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new PhilotesException(
                "PH121", $"The source's role may not manage publication '{fullName}' ({e.MessageText}). Make it the owner of the publication and of its tables, or create the publication yourself and set source.publication.managed to false.", e);
        }
    }

    private async Task CreateMissingAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        var existing = await GivenPublication.ExistingAsync(catalog, Names, cancellationToken);
        foreach (var (name, publish) in new[] { (fullName, "insert, update, delete, truncate"), (appendOnlyName, "insert, truncate") })
        {
            if (!existing.TryGetValue(name, out var allTables))
            {
                await ExecuteAsync(
                    catalog, $"create publication {Identifier.Quote(name)} with (publish = '{publish}', publish_via_partition_root = true)", cancellationToken);
            }
            else if (allTables)
            {
                throw new PhilotesException("PH110", $"Publication '{name}' is for all tables: a table without a key in it breaks the application's updates, and we cannot choose its tables. Set source.publication.managed to false, or configure another publication name.");
            }
        }
    }

    private async Task<List<PublishedTable>> TablesAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublicationSql.Tables, catalog)
        {
            Parameters = { new() { Value = fullName }, new() { Value = appendOnlyName } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<PublishedTable>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(new PublishedTable(
                reader.GetFieldValue<uint>(0), new TableName(reader.GetString(1), reader.GetString(2)),
                reader.GetBoolean(3), reader.GetBoolean(4), reader.GetBoolean(5)));
        }

        return tables;
    }

    private async Task PerformAsync(NpgsqlConnection catalog, PublicationPlan plan, CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
        {
            return;
        }

        await using var transaction = await catalog.BeginTransactionAsync(cancellationToken);
        await AlterAsync(catalog, fullName, "drop", plan.DropFromFull, cancellationToken);
        await AlterAsync(catalog, appendOnlyName, "drop", plan.DropFromAppendOnly, cancellationToken);
        await AlterAsync(catalog, fullName, "add", plan.AddToFull, cancellationToken);
        await AlterAsync(catalog, appendOnlyName, "add", plan.AddToAppendOnly, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task AlterAsync(
        NpgsqlConnection catalog, string publication, string verb, IReadOnlyList<TableName> tables, CancellationToken cancellationToken)
    {
        if (tables.Count > 0)
        {
            var list = string.Join(", ", tables.Select(table => "only " + Identifier.Quote(table.Schema, table.Table)));
            await ExecuteAsync(catalog, $"alter publication {Identifier.Quote(publication)} {verb} table {list}", cancellationToken);
        }
    }

    private PublicationChange Describe(List<PublishedTable> wanted, PublicationPlan plan)
    {
        _warned.IntersectWith(wanted.Where(table => !table.HasIdentity).Select(table => table.Name));
        var keyless = wanted.Where(table => !table.HasIdentity && _warned.Add(table.Name)).Select(table => table.Name).ToList();
        return new PublicationChange([.. plan.AddToFull, .. plan.AddToAppendOnly], keyless, [], [.. wanted.Select(table => table.Oid)]);
    }

    private static async Task ExecuteAsync(NpgsqlConnection catalog, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, catalog);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using Npgsql;
using Philotes.Buffer;

namespace Philotes.Capture;

/// <summary>What the source must be for its changes to be captured, and what would surprise later. Each reads catalogs only.</summary>
public static class SourceChecks
{
    /// <summary>Ordinary, partitioned and foreign tables that a person made. Returns oid (bigint), schema, table.</summary>
    private const string Tables = """
        select c.oid::bigint, n.nspname::text, c.relname::text
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'philotes') and n.nspname not like 'pg\_%'
        """;

    /// <param name="wanted">Whether the configuration wants a table, by schema and name.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlDataSource source, string slot, string publication, Func<string, string, bool> wanted, CancellationToken cancellationToken) =>
        await SqlChecks.RunAsync(source, "source", [.. SourceServerChecks.All, .. SourceTableChecks.All], slot, publication, await WantedAsync(source, wanted, cancellationToken), cancellationToken);

    private static async Task<long[]> WantedAsync(NpgsqlDataSource source, Func<string, string, bool> wanted, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<long> tables = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (wanted(reader.GetString(1), reader.GetString(2)))
                tables.Add(reader.GetInt64(0));
        }

        return [.. tables];
    }
}

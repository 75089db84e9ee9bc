using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>A publication that somebody else manages: only looked at.</summary>
internal sealed class GivenPublication(
    string name, Func<TableName, bool> matches, Func<CancellationToken, Task<IReadOnlyDictionary<uint, TableName>>> captured) : IPublication
{
    private readonly HashSet<TableName> _warned = [];

    /// <summary>Name to "for all tables" of those that exist.</summary>
    public static async Task<IReadOnlyDictionary<string, bool>> ExistingAsync(
        NpgsqlConnection catalog, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublicationSql.Existing, catalog) { Parameters = { new() { Value = names.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var existing = new Dictionary<string, bool>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            existing.Add(reader.GetString(0), reader.GetBoolean(1));
        }

        return existing;
    }

    public async Task<PublicationChange> SynchroniseAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        var existing = await ExistingAsync(catalog, [name], cancellationToken);
        if (existing.Count == 0)
        {
            throw new PhilotesException("PH110", $"Publication '{name}' does not exist. Create it before the slot, or let us: source.publication.managed: true.");
        }

        var names = await captured(cancellationToken);
        var tables = (await TablesAsync(catalog, cancellationToken))
            .Where(table => matches(table.Name) || (names.TryGetValue(table.Oid, out var first) && matches(first))).ToList();
        _warned.IntersectWith(tables.Where(table => table.Fails).Select(table => table.Name));
        var failing = tables.Where(table => table.Fails && _warned.Add(table.Name)).Select(table => table.Name).ToList();
        return new PublicationChange([], [], failing, [.. tables.Select(table => table.Oid)]);
    }

    private async Task<List<(uint Oid, TableName Name, bool Fails)>> TablesAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublicationSql.Published, catalog) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<(uint, TableName, bool)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add((reader.GetFieldValue<uint>(0), new TableName(reader.GetString(1), reader.GetString(2)), reader.GetBoolean(3)));
        }

        return tables;
    }
}

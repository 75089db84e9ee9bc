using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Looks at publications that somebody else manages.</summary>
internal static class PublicationCheck
{
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

    /// <summary>Throws PH110 if the publication is missing; returns its tables whose updates and deletes fail at the source.</summary>
    public static async Task<IReadOnlyList<TableName>> RequireAsync(NpgsqlConnection catalog, string name, CancellationToken cancellationToken)
    {
        var existing = await ExistingAsync(catalog, [name], cancellationToken);
        if (existing.Count == 0)
        {
            throw new PhilotesException("PH110", $"Publication '{name}' does not exist. Create it before the slot, or let us: source.publication.managed: true.");
        }

        await using var command = new NpgsqlCommand(PublicationSql.PublishedWithoutIdentity, catalog) { Parameters = { new() { Value = new[] { name } } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<TableName>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(new TableName(reader.GetString(0), reader.GetString(1)));
        }

        return tables;
    }
}

using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Sources, their tables and the schema versions that events are captured under. Everything here is idempotent and commits on its own,
/// before the flush that uses it; a crash leaves at most a row that nobody uses yet.
/// </summary>
public sealed class SourceRegistry(NpgsqlDataSource db)
{
    /// <summary>Finds the source or enters it. A slot or publication named anew replaces the recorded one.</summary>
    public async Task<SourceRecord> EnsureAsync(string name, string slotName, string publicationName, CancellationToken cancellationToken = default)
    {
        await using (var enter = Command(SourceSql.Enter, ("name", name), ("slot", slotName), ("publication", publicationName)))
        {
            await enter.ExecuteNonQueryAsync(cancellationToken);
        }

        var source = await FindAsync(name, cancellationToken) ?? throw new PhilotesException("PH900", $"Source {name} was entered and is not there.");
        if (source.SlotName != slotName || source.PublicationName != publicationName)
        {
            await using var rename = Command(
                SourceSql.RecordSlot, ("source", source.SourceId), ("slot", slotName), ("publication", publicationName));
            await rename.ExecuteNonQueryAsync(cancellationToken);
        }

        return source with { SlotName = slotName, PublicationName = publicationName };
    }

    /// <summary>Null when no source has this name.</summary>
    public async Task<SourceRecord?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.ByName, ("name", name));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Source(reader) : null;
    }

    public async Task RecordIdentityAsync(int sourceId, string systemIdentifier, int timeline, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            SourceSql.RecordIdentity, ("source", sourceId), ("system", systemIdentifier), ("timeline", timeline));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="state">new, snapshot, streaming, paused, blocked or lost.</param>
    public async Task SetStateAsync(int sourceId, string state, string? reason, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.SetState, ("source", sourceId), ("state", state), ("reason", reason));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// The table's id, entered with its head and cursor if it is new. The OID is the identity: a renamed table keeps its id, a table dropped
    /// and created again gets a new one.
    /// </summary>
    public async Task<int> EnsureTableAsync(int sourceId, TableSchema schema, CancellationToken cancellationToken = default)
    {
        (string, object?)[] relation = [("source", sourceId), ("oid", (long)schema.RelationOid)];
        if (await NumberAsync(SourceSql.Table, relation, cancellationToken) is not { } table)
        {
            await using var enter = Command(SourceSql.EnterTable, [.. relation, ("schema", schema.Name.Schema), ("name", schema.Name.Table)]);
            await enter.ExecuteNonQueryAsync(cancellationToken);
            table = await NumberAsync(SourceSql.Table, relation, cancellationToken)
                ?? throw new PhilotesException("PH900", $"Table {schema.Name} was entered and is not there.");
        }

        foreach (var sql in new[] { SourceSql.EnterHead, SourceSql.EnterCursor })
        {
            await using var enter = Command(sql, ("table", table));
            await enter.ExecuteNonQueryAsync(cancellationToken);
        }

        return table;
    }

    /// <summary>The id of this version of the table's columns, entered if it was not seen before.</summary>
    /// <param name="relationMessage">The raw pgoutput RELATION message; empty where the stream sent none.</param>
    public async Task<int> EnsureSchemaAsync(
        int tableId, TableSchema schema, Lsn validFrom, ReadOnlyMemory<byte> relationMessage, CancellationToken cancellationToken = default)
    {
        (string, object?)[] version = [("table", tableId), ("fingerprint", SchemaFingerprint.Of(schema))];
        if (await NumberAsync(SourceSql.Schema, version, cancellationToken) is { } known)
        {
            return known;
        }

        await using var enter = Command(SourceSql.EnterSchema,
        [
            .. version, ("valid", validFrom.ToString()), ("message", relationMessage.ToArray()), ("oid", (long)schema.RelationOid),
            ("schema", schema.Name.Schema), ("name", schema.Name.Table), ("identity", schema.ReplicaIdentity.ToString()),
            ("names", schema.Columns.Select(column => column.Name).ToArray()), ("types", schema.Columns.Select(column => column.Type).ToArray()),
            ("keys", schema.Columns.Where(column => column.IsKey).Select(column => column.Name).ToArray()),
        ]);
        await enter.ExecuteNonQueryAsync(cancellationToken);
        return await NumberAsync(SourceSql.Schema, version, cancellationToken)
            ?? throw new PhilotesException("PH900", $"A schema of table {schema.Name} was entered and is not there.");
    }

    public async Task<TableSchema> LoadSchemaAsync(int schemaId, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.LoadSchema, ("schema", schemaId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new PhilotesException("PH900", $"The buffer has no schema {schemaId} although events name it. Keep the buffer and report this.");
        }

        var types = reader.GetFieldValue<string[]>(5);
        var keys = reader.GetFieldValue<string[]>(6).ToHashSet(StringComparer.Ordinal);
        var columns = reader.GetFieldValue<string[]>(4).Select((name, i) => new ColumnSchema(name, types[i], keys.Contains(name)));
        return new TableSchema(
            (uint)reader.GetInt64(0), new TableName(reader.GetString(1), reader.GetString(2)), reader.GetString(3)[0], [.. columns]);
    }

    internal static SourceRecord Source(NpgsqlDataReader reader) => new(
        reader.GetInt32(0),
        reader.GetString(1),
        Text(reader, 2),
        reader.IsDBNull(3) ? null : reader.GetInt32(3),
        reader.GetString(4),
        reader.GetString(5),
        Lsn.Parse(reader.GetString(6)),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        reader.GetInt64(8),
        Text(reader, 9),
        reader.GetString(10),
        Text(reader, 11));

    private async Task<int?> NumberAsync(string sql, (string, object?)[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) as int?;
    }

    private NpgsqlCommand Command(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = db.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(value is null
                ? new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = DBNull.Value }
                : new NpgsqlParameter(name, value));
        }

        return command;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

using System.Text.Json;
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
    /// <param name="awaitsCopy">For a new table: its existing rows are to be copied, and its changes are held until they are.</param>
    public async Task<int> EnsureTableAsync(int sourceId, TableSchema schema, bool awaitsCopy = false, CancellationToken cancellationToken = default)
    {
        (string, object?)[] relation = [("source", sourceId), ("oid", (long)schema.RelationOid)];
        if (await NumberAsync(SourceSql.Table, relation, cancellationToken) is not { } table)
        {
            await using var enter = Command(SourceSql.EnterTable, [.. relation, ("schema", schema.Name.Schema), ("name", schema.Name.Table)]);
            await enter.ExecuteNonQueryAsync(cancellationToken);
            table = await NumberAsync(SourceSql.Table, relation, cancellationToken)
                ?? throw new PhilotesException("PH900", $"Table {schema.Name} was entered and is not there.");
        }

        await using var cursor = Command(SourceSql.EnterCursor, ("table", table));
        await cursor.ExecuteNonQueryAsync(cancellationToken);
        await using var head = Command(SourceSql.EnterHead, ("table", table), ("held", awaitsCopy));
        await head.ExecuteNonQueryAsync(cancellationToken);
        return table;
    }

    /// <summary>Writes down which tables capture still gets. Returns those that it got at the last time and does not get any more.</summary>
    /// <param name="relationOids">What it gets now.</param>
    /// <param name="note">What is noted of every other table.</param>
    public async Task<IReadOnlyList<TableName>> NoteCapturedAsync(
        int sourceId, IReadOnlyList<uint> relationOids, string note, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.NoteCaptured, ("source", sourceId), ("oids", relationOids.Select(oid => (long)oid).ToArray()), ("note", note));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lost = new List<TableName>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lost.Add(new TableName(reader.GetString(0), reader.GetString(1)));
        }

        return lost;
    }

    /// <summary>The newest table of this OID, under the name it was first seen by; null when it was never seen.</summary>
    public async Task<BufferedTable?> FindTableAsync(int sourceId, uint relationOid, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.TableByOid, ("source", sourceId), ("oid", (long)relationOid));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? BatchLedger.Table(reader) : null;
    }

    /// <summary>Every table of a source that was ever captured: its OID and the name it was first seen by.</summary>
    public async Task<IReadOnlyDictionary<uint, TableName>> NamesAsync(int sourceId, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.Names, ("source", sourceId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new Dictionary<uint, TableName>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names[(uint)reader.GetInt64(0)] = new TableName(reader.GetString(1), reader.GetString(2));
        }

        return names;
    }

    /// <inheritdoc cref="EnsureSchemaAsync(int, TableSchema, Lsn, ReadOnlyMemory{byte}, IReadOnlyList{SchemaNotice}, CancellationToken)"/>
    public Task<int> EnsureSchemaAsync(
        int tableId, TableSchema schema, Lsn validFrom, ReadOnlyMemory<byte> relationMessage, CancellationToken cancellationToken = default) =>
        EnsureSchemaAsync(tableId, schema, validFrom, relationMessage, [], cancellationToken);

    /// <summary>
    /// The id of this version of the table's columns: the one that holds at this position if it is the same, else a new one, entered with its
    /// notices in one statement. A table that returns to what it was gets a new version, so that ids follow the stream.
    /// </summary>
    /// <param name="relationMessage">The raw pgoutput RELATION message; empty where the stream sent none.</param>
    public async Task<int> EnsureSchemaAsync(
        int tableId, TableSchema schema, Lsn validFrom, ReadOnlyMemory<byte> relationMessage, IReadOnlyList<SchemaNotice> notices, CancellationToken cancellationToken)
    {
        var fingerprint = SchemaFingerprint.Of(schema);
        (string, object?)[] version = [("table", tableId), ("fingerprint", fingerprint), ("valid", validFrom.ToString())];
        if (await NumberAsync(SourceSql.SchemaAt, version, cancellationToken) is { } known)
        {
            return known;
        }

        return await NumberAsync(SourceSql.EnterSchema,
        [
            .. version, ("message", relationMessage.ToArray()), ("oid", (long)schema.RelationOid),
            ("schema", schema.Name.Schema), ("name", schema.Name.Table), ("identity", schema.ReplicaIdentity.ToString()),
            ("names", schema.Columns.Select(column => column.Name).ToArray()), ("types", schema.Columns.Select(column => column.Type).ToArray()),
            ("keys", schema.Columns.Where(column => column.IsKey).Select(column => column.Name).ToArray()),
            ("numbers", schema.Columns.All(column => column.Number > 0) ? schema.Columns.Select(column => column.Number).ToArray() : Array.Empty<int>()),
            ("dropped", schema.Dropped.ToArray()), .. Parameters(notices),
        ], cancellationToken) ?? throw new PhilotesException("PH900", $"A schema of table {schema.Name} was entered and has no number.");
    }

    /// <summary>Adds to what is known about a version; what is there already stays.</summary>
    public async Task RecordNoticesAsync(int schemaId, IReadOnlyList<SchemaNotice> notices, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.EnterNotices, [("schema", schemaId), .. Parameters(notices)]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Those of the relations that the buffer has a table of, by OID.</summary>
    public async Task<IReadOnlyDictionary<uint, PartitionedTable>> PartitionedAsync(int sourceId, IReadOnlyList<uint> relationOids, CancellationToken cancellationToken = default)
    {
        await using var command = Command(SourceSql.Partitioned, ("source", sourceId), ("oids", relationOids.Select(oid => (long)oid).ToArray()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new Dictionary<uint, PartitionedTable>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add((uint)reader.GetInt64(0), new PartitionedTable(
                new TableName(reader.GetString(1), reader.GetString(2)), Text(reader, 3) is { } json ? JsonSerializer.Deserialize<Dictionary<uint, string>>(json) : null));
        }

        return tables;
    }

    /// <summary>Remembers the partitions of a table, and notes what there is to say of them on its newest version, in one statement.</summary>
    /// <param name="partitions">Names by OID.</param>
    public async Task NotePartitionsAsync(
        int sourceId, uint relationOid, IReadOnlyDictionary<uint, string> partitions, IReadOnlyList<SchemaNotice> notices, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            SourceSql.NotePartitions, [("source", sourceId), ("oid", (long)relationOid), ("partitions", JsonSerializer.Serialize(partitions)), .. Parameters(notices)]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The version that holds at a position of the stream; null when the table has none yet.</summary>
    public async Task<SchemaVersion?> VersionAtAsync(int tableId, Lsn position, CancellationToken cancellationToken = default) =>
        (await VersionsAsync(SourceSql.VersionAt, [("table", tableId), ("valid", position.ToString())], cancellationToken)).SingleOrDefault();

    /// <summary>All versions of a table, oldest first.</summary>
    public Task<IReadOnlyList<SchemaVersion>> HistoryAsync(int tableId, CancellationToken cancellationToken = default) =>
        VersionsAsync(SourceSql.History, [("table", tableId)], cancellationToken);

    public async Task<TableSchema> LoadSchemaAsync(int schemaId, CancellationToken cancellationToken = default) =>
        (await VersionsAsync(SourceSql.LoadSchema, [("schema", schemaId)], cancellationToken)).SingleOrDefault()?.Schema
        ?? throw new PhilotesException("PH900", $"The buffer has no schema {schemaId} although events name it. Keep the buffer and report this.");

    private async Task<IReadOnlyList<SchemaVersion>> VersionsAsync(string sql, (string, object?)[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var versions = new List<SchemaVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            versions.Add(SchemaVersionRow.Read(reader));
        }

        return versions;
    }

    private static (string, object?)[] Parameters(IReadOnlyList<SchemaNotice> notices) =>
    [
        ("notice_columns", notices.Select(notice => notice.Column).ToArray()), ("notice_codes", notices.Select(notice => notice.Code).ToArray()),
        ("notice_texts", notices.Select(notice => notice.Text).ToArray()),
    ];

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

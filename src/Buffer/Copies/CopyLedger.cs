using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Which tables of a source are copied, from which snapshot, and which of their ranges are done. Every step is one transaction that says no
/// when it came too late, so that a capture that dies at any moment, or lives on beside its successor, neither loses nor doubles a range.
/// </summary>
public sealed class CopyLedger(NpgsqlDataSource db)
{
    /// <exception cref="PhilotesException">PH001: another capture has begun since, and may have decided where the stream begins.</exception>
    public async Task<CopySnapshot> EnterSnapshotAsync(CaptureEpoch epoch, CopySnapshot taken, CancellationToken cancellationToken = default)
    {
        var number = await ScalarAsync(CopySql.EnterSnapshot, cancellationToken,
            ("source", epoch.SourceId), ("epoch", epoch.Epoch), ("name", taken.Name), ("identity", taken.Identity), ("point", taken.Point.ToString()), ("taken", taken.TakenAt),
            ("pid", taken.KeeperPid), ("start", taken.KeeperStart));
        return taken with { SnapshotId = number as int? ?? throw new PhilotesException("PH001", "Another capture has taken over this source; a snapshot that was taken meanwhile is of no use.") };
    }

    /// <summary>Another session holds the snapshot now.</summary>
    public Task MoveSnapshotAsync(CopySnapshot snapshot, CancellationToken cancellationToken = default) => ScalarAsync(
        CopySql.MoveSnapshot, cancellationToken,
        ("snapshot", snapshot.SnapshotId), ("name", snapshot.Name), ("pid", snapshot.KeeperPid), ("start", snapshot.KeeperStart));

    public Task<IReadOnlyList<CopySnapshot>> SnapshotsAsync(int sourceId, CancellationToken cancellationToken = default) =>
        RowsAsync(CopySql.Snapshots, reader => Snapshot(reader, 0), cancellationToken, ("source", sourceId));

    /// <summary>Forgets the snapshots that no unfinished copy needs, but for <paramref name="keep"/>; returns their numbers.</summary>
    public async Task<IReadOnlyList<int>> ForgetSnapshotsAsync(int sourceId, IReadOnlyList<int> keep, CancellationToken cancellationToken = default)
    {
        var forgotten = await RowsAsync(
            CopySql.ForgetSnapshots, reader => reader.GetInt32(0), cancellationToken, ("source", sourceId), ("keep", keep.ToArray()));
        foreach (var snapshot in forgotten)
        {
            await ScalarAsync(CopySql.DeleteSnapshot, cancellationToken, ("snapshot", snapshot));
        }

        return forgotten;
    }

    /// <param name="state">waiting or copying.</param>
    public Task<IReadOnlyList<CopyTable>> TablesAsync(int sourceId, string state, CancellationToken cancellationToken = default) =>
        RowsAsync(CopySql.Tables, Table, cancellationToken, ("source", sourceId), ("state", state));

    public Task<IReadOnlyList<CopyTable>> TablesAsync(int sourceId, CopySnapshot snapshot, CancellationToken cancellationToken = default) =>
        RowsAsync(CopySql.TablesOfSnapshot, Table, cancellationToken, ("source", sourceId), ("snapshot", snapshot.SnapshotId));

    /// <summary>Tables with every range done, which <see cref="FinishAsync"/> may let go.</summary>
    public Task<IReadOnlyList<CopyTable>> FinishableAsync(int sourceId, CancellationToken cancellationToken = default) =>
        RowsAsync(CopySql.Finishable, Table, cancellationToken, ("source", sourceId));

    /// <summary>Null when nothing is to be copied now: all is done or in work, copying is paused, or the lake must first catch up with the copies.</summary>
    /// <param name="busy">Keys of the ranges in work.</param>
    /// <param name="budgetBytes">Copied events that may wait for the lake.</param>
    public async Task<CopyRange?> NextRangeAsync(
        int sourceId, IReadOnlyCollection<long> busy, long budgetBytes, CancellationToken cancellationToken = default) =>
        (await RowsAsync(CopySql.NextRange, Range, cancellationToken, ("source", sourceId), ("busy", busy.ToArray()), ("budget", budgetBytes)))
        .SingleOrDefault();

    /// <summary>
    /// The number of the schema version that copied rows have. Null: the stream has entered another one behind the point already; then this one would come out of
    /// order, and a newer snapshot is needed.
    /// </summary>
    public async Task<int?> EnsureSchemaAsync(
        int tableId, TableSchema schema, Lsn point, ReadOnlyMemory<byte> relationMessage, CancellationToken cancellationToken = default)
    {
        var known = await ScalarAsync(
            CopySql.Schema, cancellationToken, ("table", tableId), ("fingerprint", SchemaFingerprint.Of(schema)), ("point", point.ToString()));
        return known switch
        {
            -1 => null,
            int schemaId => schemaId,
            _ => await new SourceRegistry(db).EnsureSchemaAsync(tableId, schema, point, relationMessage, cancellationToken),
        };
    }

    /// <summary>False: not yet, the stream has to be durable up to the snapshot's point first.</summary>
    /// <param name="claimBytes">Copied events that are worth a batch while the copy runs.</param>
    public async Task<bool> StartAsync(
        CopyTable table, CopySnapshot snapshot, int schemaId, long claimBytes, long rowsExpected, IReadOnlyList<PlannedRange> ranges,
        CancellationToken cancellationToken = default) =>
        await ScalarAsync(CopySql.Start, cancellationToken,
            ("table", table.TableId), ("attempt", table.Attempt), ("snapshot", snapshot.SnapshotId), ("schema", schemaId), ("claim", claimBytes),
            ("rows", rowsExpected), ("ranges", JsonSerializer.Serialize(ranges.Select(range => new
            {
                relation = range.Relation,
                first = range.FirstBlock,
                end = range.EndBlock,
                bytes = range.Bytes,
            })))) is true;

    /// <summary>Every range is done: the table's held changes follow. False: not yet, the stream has to be durable up to the snapshot's point first.</summary>
    public async Task<bool> FinishAsync(CopyTable table, CancellationToken cancellationToken = default) =>
        await ScalarAsync(CopySql.Finish, cancellationToken, ("table", table.TableId), ("attempt", table.Attempt)) is true;

    /// <summary>The snapshot is lost or the table was rewritten: it is copied again, from another snapshot.</summary>
    public Task RestartAsync(CopyTable table, string code, string text, CancellationToken cancellationToken = default) => ScalarAsync(
        CopySql.Restart, cancellationToken, ("table", table.TableId), ("attempt", table.Attempt), ("code", code), ("text", text));

    /// <summary>The table is gone, or is not to be copied any more: its changes are held no longer.</summary>
    public Task GiveUpAsync(CopyTable table, string code, string text, CancellationToken cancellationToken = default) => ScalarAsync(
        CopySql.GiveUp, cancellationToken, ("table", table.TableId), ("state", "dropped"), ("code", code), ("text", text));

    /// <summary>Writes down why the table cannot be copied now, and when to look again.</summary>
    public Task FailAsync(CopyTable table, string code, string text, TimeSpan delay, CancellationToken cancellationToken = default) => ScalarAsync(
        CopySql.Fail, cancellationToken, ("table", table.TableId), ("attempt", table.Attempt), ("code", code), ("text", text), ("delay", delay));

    /// <summary>
    /// A first copy that begins again is one commit, unless such copies fill the budget and nothing could go on; one that a person asked for always is. Returns the table that is committed in parts from now on; null when copies go on.
    /// </summary>
    /// <param name="claimBytes">Of a part.</param>
    public async Task<int?> RelieveAsync(int sourceId, long budgetBytes, long claimBytes, CancellationToken cancellationToken = default) =>
        await ScalarAsync(CopySql.Relieve, cancellationToken, ("source", sourceId), ("budget", budgetBytes), ("claim", claimBytes)) as int?;

    public Task<IReadOnlyList<CopyProgress>> ProgressAsync(CancellationToken cancellationToken = default) =>
        RowsAsync(CopySql.Progress, Progress, cancellationToken);

    private static CopyTable Table(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), new TableName(reader.GetString(1), reader.GetString(2)), (uint)reader.GetInt64(3), reader.GetInt32(4), reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7), reader.GetBoolean(8),
        reader.IsDBNull(9) ? null : reader.GetInt64(9));

    private static CopyRange Range(NpgsqlDataReader reader) => new(
        Table(reader), reader.GetInt32(10), reader.IsDBNull(11) ? null : (uint)reader.GetInt64(11),
        reader.GetInt64(12), reader.IsDBNull(13) ? null : reader.GetInt64(13), reader.GetInt32(14), Snapshot(reader, 15));

    private static CopySnapshot Snapshot(NpgsqlDataReader reader, int at) => new(
        reader.GetInt32(at), reader.GetString(at + 1), reader.GetString(at + 2), Lsn.Parse(reader.GetString(at + 3)),
        reader.GetFieldValue<DateTimeOffset>(at + 4), reader.GetInt32(at + 5), reader.GetFieldValue<DateTimeOffset>(at + 6));

    private static CopyProgress Progress(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), reader.GetString(1), new TableName(reader.GetString(2), reader.GetString(3)), reader.GetInt32(4), reader.GetString(5),
        reader.GetBoolean(6), reader.IsDBNull(7) ? null : reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9), reader.GetInt64(10),
        reader.GetInt32(11), reader.GetInt32(12), reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
        reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14), reader.IsDBNull(15) ? null : reader.GetString(15),
        reader.IsDBNull(16) ? null : reader.GetString(16));

    private async Task<IReadOnlyList<T>> RowsAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = db.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = new NpgsqlParameter(name, value ?? DBNull.Value);
            parameter.NpgsqlDbType = value switch
            {
                null => NpgsqlDbType.Text,
                TimeSpan => NpgsqlDbType.Interval,
                _ => parameter.NpgsqlDbType,
            };
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

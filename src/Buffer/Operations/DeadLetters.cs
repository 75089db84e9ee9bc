using System.Text.Json;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Dead letters and their repairs. A dead letter is never deleted: it is open, or it says how it ended.</summary>
public sealed class DeadLetters(NpgsqlDataSource db)
{
    public Task<List<DeadLetterGroup>> GroupsAsync(TableName? table, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, DeadLetterSql.Groups, ("schema", table?.Schema), ("table", table?.Table)),
        reader => new DeadLetterGroup(
            new TableName(reader.GetString(0), reader.GetString(1)), reader.GetString(2), reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset>(4),
            reader.GetFieldValue<DateTimeOffset>(5), reader.GetString(6)),
        cancellationToken);

    /// <param name="open">Null: resolved ones too.</param>
    public Task<List<DeadLetter>> ListAsync(
        TableName? table, string? code, (Lsn CommitLsn, long TxSeq)? position, bool? open, int limit, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, DeadLetterSql.List, ("schema", table?.Schema), ("table", table?.Table), ("code", code), ("lsn", position?.CommitLsn.ToString()),
            ("seq", position?.TxSeq), ("open", open), ("limit", (long)limit)),
        Letter, cancellationToken);

    /// <summary>Writes off. The reason stays with each of them.</summary>
    public Task SkipAsync(int tableId, IReadOnlyList<DeadLetter> letters, Signature by, CancellationToken cancellationToken) => ScalarAsync(
        DeadLetterSql.Skip, cancellationToken, ("table", tableId), ("items", Items(letters, null)), ("actor", by.Actor), ("reason", by.Reason));

    /// <param name="rewritten">The corrected images by position; null for a retry as they are.</param>
    public async Task<long> OpenRepairAsync(
        int tableId, IReadOnlyList<DeadLetter> letters, IReadOnlyDictionary<string, byte[]>? rewritten, Signature by, CancellationToken cancellationToken) =>
        (long)(await ScalarAsync(DeadLetterSql.OpenRepair, cancellationToken, ("table", tableId), ("resolution", rewritten is null ? "retry" : "rewritten"),
            ("items", Items(letters, rewritten)), ("actor", by.Actor), ("reason", by.Reason)))!;

    /// <summary>Null when none is open.</summary>
    public async Task<Repair?> FindRepairAsync(int tableId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, DeadLetterSql.FindRepair, ("table", tableId)),
            reader => new Repair(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), Rows.Text(reader, 3), Rows.Long(reader, 4), reader.IsDBNull(5) ? null : reader.GetGuid(5)),
            cancellationToken);
        return found.Count == 1 ? found[0] : null;
    }

    public async Task<bool> StageRepairAsync(long repairId, string files, long snapshotId, Guid requestId, CancellationToken cancellationToken) =>
        await ScalarAsync(DeadLetterSql.StageRepair, cancellationToken, ("repair", repairId), ("files", files), ("snapshot", snapshotId), ("request", requestId)) is true;

    public async Task<int> FinishRepairAsync(long repairId, long snapshotId, long mark, CancellationToken cancellationToken) =>
        (int)(await ScalarAsync(DeadLetterSql.FinishRepair, cancellationToken, ("repair", repairId), ("snapshot", snapshotId), ("mark", mark)))!;

    public async Task<bool> CancelRepairAsync(long repairId, CancellationToken cancellationToken) =>
        await ScalarAsync(DeadLetterSql.CancelRepair, cancellationToken, ("repair", repairId)) is true;

    public async Task<long> NextAttemptAsync(CancellationToken cancellationToken) => (long)(await ScalarAsync(DeadLetterSql.NextAttempt, cancellationToken))!;

    /// <summary>What stands decided about events of a batch; empty for nearly all.</summary>
    public Task<List<EventFate>> FatesAsync(int tableId, long fromSequence, long toSequence, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, DeadLetterSql.Fates, ("table", tableId), ("from", fromSequence), ("to", toSequence)),
        reader => new EventFate(reader.GetInt64(0), reader.GetInt32(1), Rows.Text(reader, 2), reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3)),
        cancellationToken);

    /// <summary>Hashes of the keys of which a change waits.</summary>
    public Task<List<byte[]>> ParkedKeysAsync(int tableId, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, DeadLetterSql.ParkedKeys, ("table", tableId)), reader => reader.GetFieldValue<byte[]>(0), cancellationToken);

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var command = Rows.Command(db, sql, parameters);
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("PH", StringComparison.Ordinal))
        {
            throw new PhilotesException(e.SqlState, $"The buffer refused and changed nothing: {e.MessageText}.", e);
        }
    }

    private static string Items(IReadOnlyList<DeadLetter> letters, IReadOnlyDictionary<string, byte[]>? rewritten) => JsonSerializer.Serialize(letters.Select(letter => new
    {
        chunk = letter.Chunk,
        ord = letter.Ordinal,
        rewritten = rewritten?.GetValueOrDefault(letter.Position) is { } tuple ? Convert.ToHexStringLower(tuple) : null,
    }));

    private static DeadLetter Letter(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), new TableName(reader.GetString(1), reader.GetString(2)), Lsn.Parse(reader.GetString(3)), reader.GetInt64(4),
        (ChangeKind)reader.GetString(5)[0], reader.GetInt64(6), reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8), reader.GetString(9),
        Rows.Text(reader, 10), Rows.Time(reader, 11), Rows.Text(reader, 12), Rows.Text(reader, 13), Rows.Text(reader, 14), Rows.Text(reader, 15),
        reader.GetBoolean(16), reader.GetInt32(17), reader.GetInt64(18), reader.GetInt32(19), reader.GetInt64(20), reader.GetInt32(21),
        reader.IsDBNull(22) ? null : reader.GetFieldValue<byte[]>(22), reader.IsDBNull(23) ? null : reader.GetFieldValue<byte[]>(23));
}

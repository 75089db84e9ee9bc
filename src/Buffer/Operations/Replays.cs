using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Replays in the buffer: planned, running, ended.</summary>
public sealed class Replays(NpgsqlDataSource db)
{
    public Task<List<ReplayEntry>> ListAsync(int limit, CancellationToken cancellationToken) =>
        Rows.ReadAsync(Rows.Command(db, ReplaySql.List, ("replay", null), ("limit", (long)limit)), Entry, cancellationToken);

    /// <summary>PH017 when there is none.</summary>
    public async Task<ReplayEntry> FindAsync(long replayId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(Rows.Command(db, ReplaySql.List, ("replay", replayId), ("limit", 1L)), Entry, cancellationToken);
        return found.Count == 1 ? found[0] : throw new PhilotesException("PH017", $"There is no replay {replayId}. 'philotes replay plan' makes one.");
    }

    public async Task<long> PlanAsync(
        int tableId, string mode, long from, long to, Lsn? fromLsn, Lsn? toLsn, string? target, long? head, long? snapshot, string plan, string actor,
        CancellationToken cancellationToken) => (long)(await ScalarAsync(ReplaySql.Plan, cancellationToken,
            ("table", tableId), ("mode", mode), ("from", from), ("to", to), ("from_lsn", fromLsn?.ToString()), ("to_lsn", toLsn?.ToString()), ("target", target),
            ("head", head), ("snapshot", snapshot), ("plan", plan), ("actor", actor)))!;

    /// <param name="predicate">Which rows are copied again; null for all.</param>
    public async Task<long> PlanTableAsync(int tableId, string? predicate, string plan, string actor, CancellationToken cancellationToken) => (long)(await ScalarAsync(
        ReplaySql.PlanTable, cancellationToken, ("table", tableId), ("predicate", predicate), ("plan", plan), ("actor", actor)))!;

    /// <summary>Asks for the copy of a table, once. PH017: another replay of it is running.</summary>
    public Task BeginTableAsync(long replayId, Signature by, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.BeginTable, cancellationToken, ("replay", replayId), ("actor", by.Actor), ("reason", by.Reason));

    /// <summary>PH017: rows are being copied already.</summary>
    public Task CancelTableAsync(long replayId, Signature by, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.CancelTable, cancellationToken, ("replay", replayId), ("actor", by.Actor), ("reason", by.Reason));

    public Task BeginAsync(long replayId, Signature by, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.Begin, cancellationToken, ("replay", replayId), ("actor", by.Actor), ("reason", by.Reason));

    public Task AdvanceAsync(long replayId, long next, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.Advance, cancellationToken, ("replay", replayId), ("next", next));

    /// <param name="state">done or cancelled.</param>
    public Task EndAsync(long replayId, string state, Signature by, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.End, cancellationToken, ("replay", replayId), ("state", state), ("actor", by.Actor), ("reason", by.Reason));

    /// <summary>The buffer's half of a rewind. PH010 to PH013.</summary>
    public Task RewindAsync(int tableId, long sequence, Signature by, CancellationToken cancellationToken) =>
        ScalarAsync(ReplaySql.Rewind, cancellationToken, ("table", tableId), ("seq", sequence), ("actor", by.Actor));

    /// <summary>The newest committed batch that ends before all that is given; null when there is none.</summary>
    public async Task<RewindTarget?> TargetAsync(int tableId, Lsn? before, DateTimeOffset? beforeTime, long? batchId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, ReplaySql.Target, ("table", tableId), ("before_lsn", before?.ToString()), ("before_time", beforeTime?.ToUniversalTime().ToString("O")), ("batch", batchId)),
            reader => new RewindTarget(reader.GetInt64(0), reader.GetInt64(1), Rows.Long(reader, 2), Lsn.Parse(reader.GetString(3))), cancellationToken);
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>What would be written again from a chunk on.</summary>
    public async Task<(int Batches, long Events, long Head, bool Complete)> BehindAsync(int tableId, long from, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, ReplaySql.Behind, ("table", tableId), ("from", from)),
            reader => (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetBoolean(3)), cancellationToken);
        return found[0];
    }

    public async Task<bool> IsInFlightAsync(int tableId, CancellationToken cancellationToken) =>
        await ScalarAsync(ReplaySql.InFlight, cancellationToken, ("table", tableId)) is true;

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
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new PhilotesException("PH017", "Another replay of the table is running; 'philotes replay status' shows it.", e);
        }
    }

    private static ReplayEntry Entry(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), reader.GetInt32(1), new TableName(reader.GetString(2), reader.GetString(3)), reader.GetString(4), reader.GetString(5), reader.GetInt64(6),
        reader.GetInt64(7), Position(reader, 8), Position(reader, 9), Rows.Text(reader, 10), Rows.Long(reader, 11), Rows.Long(reader, 12), Rows.Long(reader, 13) ?? 0,
        reader.GetString(14), reader.GetFieldValue<DateTimeOffset>(15), reader.GetString(16), Rows.Time(reader, 17), Rows.Text(reader, 18), Rows.Text(reader, 19),
        Rows.Time(reader, 20), reader.GetInt64(21));

    private static Lsn? Position(NpgsqlDataReader reader, int column) => Rows.Text(reader, column) is { } text ? Lsn.Parse(text) : null;
}

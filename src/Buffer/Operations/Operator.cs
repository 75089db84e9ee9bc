using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>What a person changes in the buffer. Each change and its audit entry are one transaction: both are there or neither is.</summary>
public sealed class Operator(NpgsqlDataSource db)
{
    /// <param name="state">active or paused.</param>
    /// <returns>The state before.</returns>
    public Task<string?> SetTableStateAsync(int tableId, string state, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.SetTableState, by, cancellationToken, ("table", tableId), ("state", state));

    /// <param name="encodeAgain">Forgets the staged files: the batch is encoded anew.</param>
    public Task<string?> RetryBatchAsync(long batchId, bool encodeAgain, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.RetryBatch, by, cancellationToken, ("batch", batchId), ("again", encodeAgain));

    /// <summary>Ends a claim, so that another writer takes the batch at once.</summary>
    public Task<string?> ReleaseBatchAsync(long batchId, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.ReleaseBatch, by, cancellationToken, ("batch", batchId));

    /// <summary>Asks for a new copy of a table; from now on its changes wait for it.</summary>
    /// <param name="predicate">SQL over the table's columns that the copied rows fulfil; null copies all, and replaces what is in the lake.</param>
    public Task<string?> ResyncTableAsync(int tableId, string? predicate, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.ResyncTable, by, cancellationToken, ("table", tableId), ("predicate", predicate));

    /// <summary>Gives up a copy that replaces a table's rows: the lake keeps what it has, and the table's changes go on. PH014 when none is under way.</summary>
    public Task<string?> CancelResyncAsync(int tableId, Signature by, CancellationToken cancellationToken) => CallAsync(OperatorSql.CancelResync, by, cancellationToken, ("table", tableId));

    /// <param name="predicate">Which rows are copied; <c>false</c> for none.</param>
    /// <param name="gone">Keys that are deleted in the lake unless the source has them: JSON, <c>[{"id": "60"}]</c>.</param>
    public Task<string?> ResyncRowsAsync(int tableId, string predicate, string gone, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.ResyncRows, by, cancellationToken, ("table", tableId), ("predicate", predicate), ("gone", gone));

    /// <summary>Ranges in work are finished; none begins until copying is resumed.</summary>
    /// <param name="source">Null for every source.</param>
    public Task<string?> PauseCopiesAsync(string? source, bool paused, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.PauseCopies, by, cancellationToken, ("source", source), ("paused", paused));

    /// <summary>Forgets how far a source was, and asks for a new copy of each table that is still captured. Fences every capture that runs.</summary>
    /// <param name="durable">Where it was seen to be; PH020 when it has moved since.</param>
    /// <param name="code">What was wrong.</param>
    /// <returns>How many tables are copied again.</returns>
    public Task<string?> RepairSourceAsync(int sourceId, Lsn durable, string code, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.RepairSource, by, cancellationToken, ("source", sourceId), ("durable", durable.ToString()), ("code", code));

    /// <summary>An audit entry for what no function of the buffer does by itself.</summary>
    /// <param name="action">retention run or doctor --fix.</param>
    /// <param name="detail">A JSON object.</param>
    public Task NoteAsync(string action, string detail, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.Note, by, cancellationToken, ("action", action), ("detail", detail));

    /// <param name="pin">Who holds the generation and what for; null lets it go.</param>
    public Task<string?> PinGenerationAsync(int generation, string? pin, Signature by, CancellationToken cancellationToken) =>
        CallAsync(OperatorSql.PinGeneration, by, cancellationToken, ("gen", generation), ("pin", pin));

    /// <summary>Newest first.</summary>
    public Task<List<AuditEntry>> AuditAsync(int limit, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, OperatorSql.Audit, ("limit", (long)limit)),
        reader => new AuditEntry(
            reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), Rows.Text(reader, 4), reader.GetString(5)),
        cancellationToken);

    private async Task<string?> CallAsync(string sql, Signature by, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var command = Rows.Command(db, sql, [.. parameters, ("actor", by.Actor), ("reason", by.Reason)]);
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("PH", StringComparison.Ordinal))
        {
            throw new PhilotesException(e.SqlState, $"The buffer refused and changed nothing: {e.MessageText}.", e);
        }
    }
}

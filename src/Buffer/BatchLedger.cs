using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// The batch writers' side of the buffer: claim, stage, finish.
/// <code>
/// claimed ──stage──▶ committing ──finish──▶ committed
///    │  ▲                 │  ▲
///    │  └── retry ──┐     │  └── retry, files kept
///    └────fail────▶ failed ◀──fail──┘ ──block──▶ dead (its table waits for a person)
/// </code>
/// Every call names the claim's token; whoever lost the lease to a later claim is refused. Leases only keep the work going: what makes a
/// batch land once is the catalog's compare-and-swap between stage and finish. A crash anywhere leaves a lease that ends.
/// </summary>
public sealed class BatchLedger(NpgsqlDataSource db)
{
    /// <summary>Null when nothing is due.</summary>
    public async Task<ClaimedBatch?> ClaimAsync(string worker, ClaimLimits limits, CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.Claim,
            ("worker", worker), ("rows", limits.RowsMax), ("bytes", limits.BytesMax), ("lease", limits.Lease), ("least", limits.RowsMin),
            ("age", limits.AgeMax));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ClaimedBatch(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt32(4), reader.GetString(5),
                reader.GetInt64(6), reader.GetInt32(7), reader.GetInt64(8), reader.GetInt64(9), Lsn.Parse(reader.GetString(10)),
                reader.GetFieldValue<DateTimeOffset>(11), reader.IsDBNull(12) ? null : reader.GetString(12),
                reader.IsDBNull(13) ? null : reader.GetInt64(13), reader.IsDBNull(14) ? null : reader.GetGuid(14))
            : null;
    }

    /// <summary>False when the batch was claimed by somebody else meanwhile: stop working on it.</summary>
    public Task<bool> RenewAsync(ClaimedBatch batch, TimeSpan lease, CancellationToken cancellationToken = default) =>
        TrueAsync(LedgerSql.Renew, batch, cancellationToken, ("lease", lease));

    /// <summary>
    /// Writes down what will be committed, before the catalog is asked. Again, with a new request id, after a conflict. False when fenced:
    /// then the catalog must not be asked.
    /// </summary>
    public Task<bool> StageAsync(
        ClaimedBatch batch, string filesJson, long snapshotId, Guid requestId, CancellationToken cancellationToken = default) =>
        TrueAsync(LedgerSql.Stage, batch, cancellationToken, ("to", batch.ToSequence), ("files", filesJson), ("snapshot", snapshotId), ("request", requestId));

    /// <summary>
    /// Lets a claimed batch of copied rows take the chunks that follow it. Returns what it is now, and whether waiting may bring more. PH001 when fenced.
    /// </summary>
    /// <param name="last">It shall not grow again, and no later batch of this copy shall be claimed before it is whole.</param>
    public async Task<(ClaimedBatch Batch, bool More)> GrowAsync(ClaimedBatch batch, bool last, CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.Grow, ("batch", batch.BatchId), ("token", batch.Token), ("last", last));
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var grown = batch with
            {
                ToSequence = reader.GetInt64(0),
                RowCount = reader.GetInt64(1),
                ByteCount = reader.GetInt64(2),
                LastLsn = Lsn.Parse(reader.GetString(3)),
                LastTimestamp = reader.GetFieldValue<DateTimeOffset>(4),
            };
            return (grown, reader.GetBoolean(5));
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("PH", StringComparison.Ordinal))
        {
            throw Refused(batch, e);
        }
    }

    /// <summary>The table carries the batch: moves the cursor. PH001 when fenced, PH003 when an earlier batch of the table is not committed.</summary>
    public Task FinishAsync(ClaimedBatch batch, long snapshotId, CancellationToken cancellationToken = default) =>
        ScalarAsync(LedgerSql.Finish, batch, cancellationToken, ("snapshot", snapshotId));

    /// <summary>Gives the batch back to be tried after <paramref name="delay"/>, keeping what was staged. False when fenced.</summary>
    /// <param name="block">Nobody tries again until a person says so; the table waits, all others go on.</param>
    public Task<bool> FailAsync(
        ClaimedBatch batch, string code, string text, TimeSpan delay, bool block, CancellationToken cancellationToken = default) =>
        TrueAsync(LedgerSql.Fail, batch, cancellationToken, ("code", code), ("text", text), ("delay", delay), ("block", block));

    /// <summary>Whether every earlier batch of the table is committed. Null when fenced.</summary>
    public async Task<bool?> CommitTurnAsync(ClaimedBatch batch, CancellationToken cancellationToken = default) =>
        await ScalarAsync(LedgerSql.CommitTurn, batch, cancellationToken) as bool?;

    /// <summary>Parks events that no file can hold: the batch is committed without them and they wait in dead_letter. Returns how many were new.</summary>
    public async Task<int> ParkAsync(ClaimedBatch batch, IReadOnlyList<ParkedEvent> events, CancellationToken cancellationToken = default) =>
        (int)(await ScalarAsync(LedgerSql.Park, batch, cancellationToken, ("items", JsonSerializer.Serialize(events.Select(item => new
        {
            gen = item.Generation,
            chunk = item.Chunk,
            ord = item.Ordinal,
            error_code = item.Code,
            error_text = item.Text,
            key_hash = item.KeyHash is null ? null : @"\x" + Convert.ToHexStringLower(item.KeyHash),
        })))))!;

    /// <summary>Records values that were replaced because the column cannot hold them. Repeating it for the same batch changes nothing.</summary>
    public async Task<int> RecordValueExceptionsAsync(
        ClaimedBatch batch, IReadOnlyList<ValueException> values, CancellationToken cancellationToken = default) =>
        (int)(await ScalarAsync(LedgerSql.RecordValueExceptions, batch, cancellationToken, ("items", JsonSerializer.Serialize(values.Select(item => new
        {
            gen = item.Generation,
            chunk = item.Chunk,
            ord = item.Ordinal,
            commit_lsn = item.CommitLsn.ToString(),
            tx_seq = item.TxSeq,
            column_name = item.ColumnName,
            original = item.Original,
            code = item.Code,
        })))))!;

    /// <summary>The batch's events that stand parked: a retry leaves them out as the first attempt did.</summary>
    public async Task<IReadOnlySet<(long Chunk, int Ordinal)>> ParkedAsync(ClaimedBatch batch, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            LedgerSql.Parked, ("table", batch.TableId), ("from", batch.FromSequence), ("to", batch.ToSequence));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parked = new HashSet<(long, int)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parked.Add((reader.GetInt64(1), reader.GetInt32(2)));
        }

        return parked;
    }

    public async Task<BufferedTable> TableAsync(int tableId, CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.Table, ("table", tableId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? Table(reader)
            : throw new PhilotesException("PH900", $"The buffer has no table {tableId} although a batch names it. Keep the buffer and report this.");
    }

    /// <summary>Whether everything of the earlier tables of this table's name is committed.</summary>
    public async Task<bool> EarlierAreCommittedAsync(int tableId, CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.EarlierAreCommitted, ("table", tableId));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Every table that was ever captured.</summary>
    public async Task<IReadOnlyList<BufferedTable>> TablesAsync(CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.Tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<BufferedTable>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(Table(reader));
        }

        return tables;
    }

    /// <summary>Gives tables limits of their own, which claims by any worker then keep. A table without uses the claim's.</summary>
    public async Task DeclareLimitsAsync(IEnumerable<TableLimits> limits, CancellationToken cancellationToken = default)
    {
        await using var command = Command(LedgerSql.DeclareLimits, ("limits", JsonSerializer.Serialize(limits.Select(table => new
        {
            table_id = table.TableId,
            min_rows = table.RowsMin,
            min_bytes = table.BytesMin,
            max_age_seconds = table.AgeMax.TotalSeconds,
            max_rows = table.RowsMax,
            max_bytes = table.BytesMax,
        }))));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static BufferedTable Table(NpgsqlDataReader reader) =>
        new(reader.GetInt32(0), new TableName(reader.GetString(1), reader.GetString(2)), reader.GetString(3), reader.GetInt32(4));

    private async Task<bool> TrueAsync(
        string sql, ClaimedBatch batch, CancellationToken cancellationToken, params (string, object)[] parameters) =>
        await ScalarAsync(sql, batch, cancellationToken, parameters) is true;

    private async Task<object?> ScalarAsync(
        string sql, ClaimedBatch batch, CancellationToken cancellationToken, params (string, object)[] parameters)
    {
        await using var command = Command(sql, [("batch", batch.BatchId), ("token", batch.Token), .. parameters]);
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("PH", StringComparison.Ordinal))
        {
            throw Refused(batch, e);
        }
    }

    private static PhilotesException Refused(ClaimedBatch batch, PostgresException cause) =>
        new(cause.SqlState, $"The buffer refused batch {batch.BatchId}: {cause.MessageText}.", cause);

    private NpgsqlCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        var command = db.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = new NpgsqlParameter(name, value);
            if (value is TimeSpan)
            {
                parameter.NpgsqlDbType = NpgsqlDbType.Interval;
            }

            command.Parameters.Add(parameter);
        }

        return command;
    }
}

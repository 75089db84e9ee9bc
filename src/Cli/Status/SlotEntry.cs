using Npgsql;

namespace Philotes.Cli;

/// <summary>All that the source says about our slot.</summary>
/// <param name="BytesPerSecond">How fast the source writes its log, measured over <see cref="MeasuredFor"/>.</param>
/// <param name="HeldBy">Transactions and prepared transactions whose age keeps the slot's restart position.</param>
sealed record SlotEntry(
    string Name, bool Exists, string ServerVersion, string? Plugin, bool? Active, string? Holder, string? WalStatus, string? ConfirmedLsn, string? RestartLsn,
    long? RetainedBytes, long? SafeBytes, long? SpilledBytes, double? BytesPerSecond, IReadOnlyList<string> HeldBy)
{
    public static readonly TimeSpan MeasuredFor = TimeSpan.FromSeconds(1);

    /// <summary>Null: never, because the source keeps any amount or writes nothing.</summary>
    public TimeSpan? ToLoss => SafeBytes is { } safe && BytesPerSecond is > 0 and { } rate ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, safe / rate), 1e9)) : null;

    /// <summary>Takes a second: the rate is the difference of two readings.</summary>
    public static async Task<SlotEntry?> ReadAsync(NpgsqlDataSource database, string slot, TimeProvider clock, CancellationToken cancellationToken)
    {
        var rate = await WalRate.MeasureAsync(database, MeasuredFor, clock, cancellationToken);
        await using var command = database.CreateCommand(SlotSql.Entry);
        command.Parameters.Add(new NpgsqlParameter { Value = slot });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new SlotEntry(
            slot, !reader.IsDBNull(1), reader.GetString(0), Text(1), reader.IsDBNull(2) ? null : reader.GetBoolean(2), Text(3), Text(4), Text(5), Text(6),
            Long(7), Long(8), Long(9), rate, reader.GetFieldValue<string[]>(10));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        long? Long(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
    }
}

using System.Text.Json.Serialization;
using Npgsql;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>What the source says about our slot; <see cref="Problem"/> where it cannot be asked.</summary>
/// <param name="SafeBytes">Log that may still be written before the slot is lost; null for any amount.</param>
/// <param name="BytesPerSecond">How fast the source writes its log, from two readings.</param>
sealed record SlotFacts(
    string? ServerVersion, bool Exists, bool Active, string? WalStatus, long RetainedBytes, long? SafeBytes, string? Problem, double BytesPerSecond = 0)
{
    static readonly TimeSpan MeasuredFor = TimeSpan.FromMilliseconds(300);

    /// <summary>Time until the slot is lost at this rate; null: never.</summary>
    [JsonIgnore]
    public TimeSpan? ToLoss => SafeBytes is { } safe && BytesPerSecond > 0 ? TimeSpan.FromSeconds(Math.Clamp(safe / BytesPerSecond, 0, 1e9)) : null;

    public double? SecondsToLoss => ToLoss?.TotalSeconds;

    public static async Task<SlotFacts?> ReadAsync(SourceOptions source, CancellationToken cancellationToken)
    {
        if (source.Connection is null)
            return null;
        try
        {
            await using var database = NpgsqlDataSource.Create(source.Connection.ToConnectionString("philotes"));
            var rate = await WalRate.MeasureAsync(database, MeasuredFor, TimeProvider.System, cancellationToken);
            await using var command = database.CreateCommand(SlotSql.Facts);
            command.Parameters.Add(new NpgsqlParameter { Value = source.Slot });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new SlotFacts(
                reader.GetString(0), !reader.IsDBNull(1), !reader.IsDBNull(1) && reader.GetBoolean(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? 0 : reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetInt64(4), Problem: null, rate);
        }
        catch (NpgsqlException exception)
        {
            return new SlotFacts(null, Exists: false, Active: false, null, 0, null, exception.Message);
        }
    }
}

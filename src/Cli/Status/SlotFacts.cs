using Npgsql;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>What the source says about our slot; <see cref="Problem"/> where it cannot be asked.</summary>
sealed record SlotFacts(string? ServerVersion, bool Exists, bool Active, string? WalStatus, long RetainedBytes, long? SafeBytes, string? Problem)
{
    public static async Task<SlotFacts?> ReadAsync(SourceOptions source, CancellationToken cancellationToken)
    {
        if (source.Connection is null)
            return null;
        try
        {
            await using var database = NpgsqlDataSource.Create(source.Connection.ToConnectionString("philotes"));
            await using var command = database.CreateCommand(SlotSql.Facts);
            command.Parameters.Add(new NpgsqlParameter { Value = source.Slot });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new SlotFacts(
                reader.GetString(0), !reader.IsDBNull(1), !reader.IsDBNull(1) && reader.GetBoolean(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? 0 : reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetInt64(4), Problem: null);
        }
        catch (NpgsqlException exception)
        {
            return new SlotFacts(null, Exists: false, Active: false, null, 0, null, exception.Message);
        }
    }
}

using Npgsql;

namespace Philotes.Cli;

/// <summary>How fast a server writes its log: the difference of two readings.</summary>
static class WalRate
{
    /// <returns>Bytes a second.</returns>
    public static async Task<double> MeasureAsync(NpgsqlDataSource database, TimeSpan during, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (first, started) = (await PositionAsync(database, cancellationToken), clock.GetTimestamp());
        await Task.Delay(during, clock, cancellationToken);
        var (second, elapsed) = (await PositionAsync(database, cancellationToken), clock.GetElapsedTime(started));
        return Math.Max(0, (double)(second - first) / elapsed.TotalSeconds);
    }

    static async Task<decimal> PositionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SlotSql.Position);
        return (decimal)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>A connection to the source that reads by a snapshot.</summary>
internal static class CopyConnection
{
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = await SourceConnection.OpenAsync(connectionString, cancellationToken);
        try
        {
            await ExecuteAsync(connection, CopySourceSql.Prepare, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins a transaction that sees the snapshot. Throws PH130 when the snapshot is gone, or another one has its name.</summary>
    public static async Task BeginAsync(NpgsqlConnection connection, CopySnapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, CopySourceSql.Import(snapshot.Name), cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            throw Lost(snapshot, e);
        }

        await using var identity = new NpgsqlCommand(CopySourceSql.Identity, connection);
        if ((string)(await identity.ExecuteScalarAsync(cancellationToken))! != snapshot.Identity)
        {
            throw Lost(snapshot, cause: null);
        }
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static PhilotesException Lost(CopySnapshot snapshot, Exception? cause) => new(
        CopyFailure.SnapshotLost, $"The snapshot of {snapshot.Point} that tables were copied from is gone: the source was restarted, or the session that held it was ended. What is not finished is copied again from a new one.", cause);
}

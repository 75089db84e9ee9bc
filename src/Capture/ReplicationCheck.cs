using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>DR05: whether the server answers a replication connection (IDENTIFY_SYSTEM). A pooler answers ordinary ones only, and whoever looks at nothing else believes to have reached the server.</summary>
public static class ReplicationCheck
{
    private const string Why = "Changes come by a replication connection, and no pooler lets one through.";

    /// <exception cref="NpgsqlException">The server cannot be reached by an ordinary connection either; so does <see cref="PhilotesException"/> with PH122, PH125 or PH127.</exception>
    public static async Task<Finding> RunAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var catalog = await SourceConnection.OpenAsync(connectionString, cancellationToken);
        var prerequisites = await Prerequisites.ReadAsync(catalog, cancellationToken);
        try
        {
            await using var replication = await SourceConnection.OpenReplicationAsync(connectionString, prerequisites, cancellationToken);
            var server = await replication.IdentifySystem(cancellationToken);
            return new Finding("DR05", "source", "ok", $"the server answers a replication connection (system {server.SystemId}, timeline {server.Timeline})", null, Why);
        }
        catch (Exception refused) when (refused is NpgsqlException or PhilotesException)
        {
            return new Finding("DR05", "source", "fail", $"the server answers ordinary connections and refuses a replication connection: {(refused as PostgresException)?.MessageText ?? refused.Message}",
                "set source.connection to the server itself: its own host and port, not those of a pooler (6432 and 6543 often are); if they are its own, DR02 and DR03 say what is missing, and pg_hba.conf must let the role in", Why);
        }
    }
}

using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>The question that capture asks before every start, for whoever wants to know without starting: would anything be missing?</summary>
public static class Continuity
{
    /// <summary>
    /// Null when capture could go on, or is at it. Reads only: the slot is not touched and no other capture is fenced.
    /// </summary>
    public static async Task<PhilotesException?> RefusalAsync(PhilotesOptions options, NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        var connection = options.Source.Connection!.ToConnectionString("philotes-doctor");
        var source = await new SourceRegistry(buffer).FindAsync(options.Source.Name, cancellationToken);
        await using var catalog = await SourceConnection.OpenAsync(connection, cancellationToken);
        var prerequisites = await Prerequisites.ReadAsync(catalog, cancellationToken);
        await using var replication = await SourceConnection.OpenReplicationAsync(connection, prerequisites, cancellationToken);
        var remembered = new RememberedSource(source?.SystemIdentifier, source?.Timeline, source?.Durable ?? Lsn.Zero);
        var facts = await ServerFactsReader.ReadAsync(replication, catalog, options.Source.Slot, remembered, cancellationToken);
        return ContinuityCheck.Decide(remembered, facts) is ContinuityVerdict.Refuse refuse ? new PhilotesException(refuse.Code, refuse.Reason) : null;
    }
}

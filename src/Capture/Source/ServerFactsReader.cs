using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Npgsql.Replication;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Collects what <see cref="ContinuityCheck"/> decides on. Reads only; never decodes or peeks.</summary>
internal static class ServerFactsReader
{
    /// <param name="remembered">Whose timeline to look up if the server is on a later one.</param>
    public static async Task<ServerFacts> ReadAsync(
        LogicalReplicationConnection replication, NpgsqlConnection catalog, string slotName, RememberedSource remembered, CancellationToken cancellationToken)
    {
        var system = await replication.IdentifySystem(cancellationToken);
        var timeline = (int)system.Timeline;
        Lsn? end = remembered.Timeline is { } known && known != timeline
            ? await EndOfTimelineAsync(replication, timeline, known, cancellationToken)
            : null;
        var slot = await SlotAsync(catalog, slotName, cancellationToken);
        return new ServerFacts(
            system.SystemId, timeline, new Lsn((ulong)system.XLogPos), system.DbName ?? catalog.Database, slotName, end, slot);
    }

    /// <summary>The slot as it is now, or null.</summary>
    public static async Task<SlotFacts?> SlotAsync(NpgsqlConnection catalog, string slotName, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.Slot, catalog) { Parameters = { new() { Value = slotName } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        return new SlotFacts(
            Plugin: Text(reader, 0),
            Database: Text(reader, 1),
            Temporary: reader.GetBoolean(2),
            WalStatus: Text(reader, 3),
            InvalidationReason: Text(reader, 4),
            ConfirmedFlush: Text(reader, 5) is { } flushed ? Lsn.Parse(flushed) : Lsn.Zero,
            ActivePid: reader.IsDBNull(6) ? null : reader.GetInt32(6),
            Holder: Text(reader, 7));
    }

    private static async Task<Lsn?> EndOfTimelineAsync(
        LogicalReplicationConnection replication, int current, int wanted, CancellationToken cancellationToken)
    {
        try
        {
            var row = await ReadSingleRow(replication, string.Create(CultureInfo.InvariantCulture, $"TIMELINE_HISTORY {current}"), cancellationToken);
            return TimelineHistory.EndOf(wanted, row[1] as string ?? Encoding.UTF8.GetString((byte[])row[1]));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedFile)
        {
            return null;
        }
    }

    /// <summary>
    /// Npgsql's own TimelineHistory casts the file's content to bytes, which it was until Postgres 14; from 15 on the server calls it text,
    /// and the cast fails. This is the method that it calls.
    /// </summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern Task<object[]> ReadSingleRow(ReplicationConnection connection, string command, CancellationToken cancellationToken);

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture);
}

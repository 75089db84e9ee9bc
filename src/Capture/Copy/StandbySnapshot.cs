using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>
/// A snapshot of a standby, with the point in the source's log that it shows.
/// <code>
/// primary: temporary slot ─▶ position C: whoever was open when the tables were published is finished before it
/// standby: replay reaches C ─▶ pauses at R ─▶ a transaction begins and exports its snapshot ─▶ replay goes on
/// </code>
/// A standby makes transactions visible by replaying their commit records, in the log's order. Paused, it stands between two records, so a snapshot holds exactly those whose commit record lies
/// before R. Unpaused it may be in the middle of one: visible already, and not yet in pg_last_wal_replay_lsn.
/// <para>
/// R is chosen where no transaction is half done (the snapshot's xmin is its xmax). An exported snapshot of a standby leaves out the transactions that were open if one of
/// them began with a savepoint (ExportSnapshot writes sof:1 and no list): whoever imports it would see them as soon as they commit. Without open ones there is nothing to leave out.
/// </para>
/// <para>
/// Pause, snapshot and end of the pause are sent at once, so that the server does all of them even if nobody is there any more to read the answer.
/// </para>
/// </summary>
internal static class StandbySnapshot
{
    private static readonly TimeSpan LagMax = TimeSpan.FromMinutes(1);

    /// <summary>A pause of our own whose command nobody waits for any more may still be under way.</summary>
    private static readonly TimeSpan OwnPauseMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Leaves the transaction with the snapshot open on <paramref name="standby"/>.</summary>
    /// <param name="reached">C.</param>
    /// <exception cref="PhilotesException">PH121: pausing is not granted. PH138: the standby is behind, paused by somebody, or was resumed by somebody meanwhile.</exception>
    public static async Task<CopySnapshot> TakeAsync(NpgsqlConnection standby, Lsn reached, CancellationToken cancellationToken)
    {
        await ReachAsync(standby, reached, cancellationToken);
        try
        {
            return await PausedAsync(standby, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new PhilotesException(
                "PH121", "The role of source.copy.connection may not pause the standby's replay for the moment in which a snapshot is taken. Run in the source's database, on the primary: grant execute on function pg_wal_replay_pause(), pg_wal_replay_resume() to the role.", e);
        }
    }

    /// <summary>Throws PH137 unless <paramref name="connectionString"/> leads to a standby of the server behind <paramref name="primary"/> that a long copy can be read from.</summary>
    public static async Task RequireAsync(string connectionString, Npgsql.Replication.LogicalReplicationConnection primary, CancellationToken cancellationToken)
    {
        await using var catalog = await SourceConnection.OpenAsync(connectionString, cancellationToken);
        var prerequisites = await Prerequisites.ReadAsync(catalog, cancellationToken);
        if (!prerequisites.IsStandby)
        {
            throw new PhilotesException("PH137", "source.copy.connection does not lead to a standby. Point it at one, or leave it out: then rows are read from the source itself.");
        }

        await using var replication = await SourceConnection.OpenReplicationAsync(connectionString, prerequisites, cancellationToken);
        var (own, other) = (await primary.IdentifySystem(cancellationToken), await replication.IdentifySystem(cancellationToken));
        if (own.SystemId != other.SystemId || own.Timeline != other.Timeline || own.DbName != other.DbName)
        {
            throw new PhilotesException(
                "PH137", $"source.copy.connection leads to database {other.DbName} of cluster {other.SystemId} on timeline {other.Timeline}, but the source is database {own.DbName} of cluster {own.SystemId} on timeline {own.Timeline}. Point it at a standby of the source.");
        }

        if (await ScalarAsync(catalog, CopySourceSql.KeepsRows, cancellationToken) is not true)
        {
            throw new PhilotesException(
                "PH137", "The standby of source.copy.connection would end a long copy: hot_standby_feedback is off there. Run on it: alter system set hot_standby_feedback = on; select pg_reload_conf();");
        }
    }

    private static async Task ReachAsync(NpgsqlConnection standby, Lsn reached, CancellationToken cancellationToken)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            var isPaused = await ScalarAsync(standby, CopySourceSql.PauseState, cancellationToken) is not "not paused";
            if (isPaused && Environment.TickCount64 - started > OwnPauseMax.TotalMilliseconds)
            {
                throw new PhilotesException(CopyFailure.StandbyBehind, "the standby's replay is paused by somebody. The copy is tried again; to let it go on: select pg_wal_replay_resume() on the standby.");
            }

            var at = await ScalarAsync(standby, CopySourceSql.Replayed, cancellationToken) is string text ? Lsn.Parse(text) : Lsn.Zero;
            if (at >= reached && !isPaused)
            {
                return;
            }

            if (Environment.TickCount64 - started > LagMax.TotalMilliseconds)
            {
                throw new PhilotesException(CopyFailure.StandbyBehind, $"the standby has replayed up to {at} only, and the copy needs {reached}. It is tried again; look at the standby's replication, its delay and whether its replay is paused.");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>Tries for a while, a second each time, because what was sent to the server is not cancelled: the end of the pause is its last statement.</summary>
    private static async Task<CopySnapshot> PausedAsync(NpgsqlConnection standby, CancellationToken cancellationToken)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await TryAsync(standby);
            }
            catch (PostgresException e) when (e.SqlState == CopyFailure.StandbyBehind)
            {
                if (Environment.TickCount64 - started > QuietMax.TotalMilliseconds)
                {
                    throw new PhilotesException(
                        CopyFailure.StandbyBehind, "for 20 seconds there was no moment without an open transaction that writes, and only then a standby's snapshot can be shared between connections. It is tried again; if it never succeeds, leave out source.copy.connection.", e);
                }
            }
        }
    }

    private static async Task<CopySnapshot> TryAsync(NpgsqlConnection standby)
    {
        try
        {
            await using var batch = new NpgsqlBatch(standby) { Timeout = 0 };
            foreach (var sql in CopySourceSql.SnapshotOfStandby)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
            }

            await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
            await reader.ReadAsync(CancellationToken.None);
            var before = reader.GetString(0);
            await reader.NextResultAsync(CancellationToken.None);
            await reader.ReadAsync(CancellationToken.None);
            var at = reader.GetString(5);
            return at == before && reader.GetString(6) == "paused" && reader.GetBoolean(7)
                ? new CopySnapshot(0, reader.GetString(0), reader.GetString(1), Lsn.Parse(at), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt32(3), reader.GetFieldValue<DateTimeOffset>(4))
                : throw new PhilotesException(CopyFailure.StandbyBehind, "the standby's replay was resumed by somebody while a snapshot was taken. The copy is tried again.");
        }
        catch (Exception e) when (e is not PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
        {
            await ResumeAsync(standby);
            throw;
        }
    }

    /// <summary>A batch that failed may have ended before its last statement, and with its session.</summary>
    private static async Task ResumeAsync(NpgsqlConnection standby)
    {
        if (standby.State == System.Data.ConnectionState.Open)
        {
            await CopyConnection.ExecuteAsync(standby, "rollback", CancellationToken.None);
            await CopyConnection.ExecuteAsync(standby, CopySourceSql.Resume, CancellationToken.None);
            return;
        }

        await using var other = standby.CloneWith(standby.ConnectionString);
        await other.OpenAsync(CancellationToken.None);
        await CopyConnection.ExecuteAsync(other, CopySourceSql.Resume, CancellationToken.None);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}

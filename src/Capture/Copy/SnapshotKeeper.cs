using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>
/// A session at the source that holds a snapshot open for as long as tables are copied from it.
/// <code>
/// temporary slot ─▶ consistent point P and an exported snapshot of exactly what was committed before P
///     ─▶ a transaction that imports it, exports it once more, and sleeps
/// </code>
/// The snapshot lives in that session's process at the server, and the server sees that its client is gone only when the sleep is over. So a
/// capture that is killed leaves it behind for <see cref="Slice"/>, and its successor imports it before that: every row of a table is
/// read from one snapshot, however often the capture dies. Longer than that, nothing of us stays at the source. Where rows are read from a
/// standby, the session is there (<see cref="StandbySnapshot"/>).
/// </summary>
internal sealed class SnapshotKeeper : IAsyncDisposable
{
    /// <summary>How long an abandoned snapshot stays.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMinutes(10);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _sleeping;
    private volatile bool _abandoned;

    private SnapshotKeeper(NpgsqlConnection connection, CopySnapshot snapshot)
    {
        _connection = connection;
        Snapshot = snapshot;
        _sleeping = SleepAsync();
    }

    public CopySnapshot Snapshot { get; private init; }

    /// <summary>The session is gone, or the connection to it: then it sleeps on, and can be taken over.</summary>
    public bool IsLost => _sleeping.IsCompleted;

    /// <summary>
    /// Takes a snapshot. Waits for the transactions, prepared ones too, that are open at the source. A transaction that began before a table entered the publication
    /// is finished then, so none of its changes is missed between copy and stream.
    /// </summary>
    /// <exception cref="PhilotesException">PH124: every replication slot of the server is taken.</exception>
    /// <param name="readFrom">The standby that rows are read from; null for the source itself.</param>
    public static async Task<SnapshotKeeper> TakeAsync(
        string source, string? readFrom, Func<CopySnapshot, Task<CopySnapshot>> enter, CancellationToken cancellationToken)
    {
        await using var catalog = await SourceConnection.OpenAsync(source, cancellationToken);
        var prerequisites = await Prerequisites.ReadAsync(catalog, cancellationToken);
        await using var replication = await SourceConnection.OpenReplicationAsync(source, prerequisites, cancellationToken);
        replication.CommandTimeout = Timeout.InfiniteTimeSpan;
        if (readFrom is not null)
        {
            await StandbySnapshot.RequireAsync(readFrom, replication, cancellationToken);
        }

        var slot = await CreateSlotAsync(replication, cancellationToken);
        var point = new Lsn((ulong)slot.ConsistentPoint);
        if (readFrom is not null)
        {
            return await HoldAsync(readFrom, standby => StandbySnapshot.TakeAsync(standby, point, cancellationToken), enter, cancellationToken);
        }

        var exported = new CopySnapshot(0, slot.SnapshotName!, "", point, default, 0, default);
        return await HoldAsync(
            source,
            async connection =>
            {
                await CopyConnection.ExecuteAsync(connection, CopySourceSql.Import(exported.Name), cancellationToken);
                return await ExportAsync(connection, exported, isImported: false, cancellationToken);
            },
            enter,
            cancellationToken);
    }

    /// <summary>Takes over what another session holds. Null when it is gone.</summary>
    public static async Task<SnapshotKeeper?> AdoptAsync(
        string connectionString, CopySnapshot left, Func<CopySnapshot, Task<CopySnapshot>> enter, CancellationToken cancellationToken)
    {
        try
        {
            return await HoldAsync(
                connectionString,
                async connection =>
                {
                    await CopyConnection.BeginAsync(connection, left, cancellationToken);
                    return await ExportAsync(connection, left, isImported: true, cancellationToken);
                },
                enter,
                cancellationToken);
        }
        catch (PhilotesException e) when (e.Code == CopyFailure.SnapshotLost)
        {
            return null;
        }
    }

    /// <summary>Ends the session that held a snapshot before it was taken over. Who has not imported it by its old name yet cannot any more.</summary>
    public static async Task EndAsync(string connectionString, CopySnapshot left, CancellationToken cancellationToken)
    {
        await using var connection = await SourceConnection.OpenAsync(connectionString, cancellationToken);
        await using var command = new NpgsqlCommand(CopySourceSql.EndSession, connection)
        {
            Parameters = { new() { Value = left.KeeperPid }, new() { Value = left.KeeperStart } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Nothing is copied from it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _sleeping.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _connection.DisposeAsync();
        _end.Dispose();
    }

    /// <summary>Leaves the session asleep at the server, for the next capture to find; what is ours of it goes when the sleep ends.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _ = _sleeping.ContinueWith(
            (sleep, _) => sleep.Exception is null ? ValueTask.CompletedTask : _connection.DisposeAsync(), null,
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static async Task<PgOutputReplicationSlot> CreateSlotAsync(LogicalReplicationConnection replication, CancellationToken cancellationToken)
    {
        try
        {
            return await replication.CreatePgOutputReplicationSlot(
                $"philotes_copy_{Guid.NewGuid():n}", temporarySlot: true, LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ConfigurationLimitExceeded)
        {
            throw new PhilotesException(
                CopyFailure.NoSlot, "the source has no free replication slot, and a snapshot needs one for a moment. Drop one that nobody reads, or raise max_replication_slots and restart the server; the copy goes on by itself then.", e);
        }
    }

    /// <param name="begin">Begins the transaction that holds the snapshot, and exports it.</param>
    private static async Task<SnapshotKeeper> HoldAsync(
        string connectionString, Func<NpgsqlConnection, Task<CopySnapshot>> begin, Func<CopySnapshot, Task<CopySnapshot>> enter, CancellationToken cancellationToken)
    {
        var connection = await CopyConnection.OpenAsync(connectionString, cancellationToken);
        try
        {
            return new SnapshotKeeper(connection, await enter(await begin(connection)));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<CopySnapshot> ExportAsync(NpgsqlConnection connection, CopySnapshot known, bool isImported, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CopySourceSql.Export, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return known with
        {
            Name = reader.GetString(0),
            Identity = reader.GetString(1),
            TakenAt = isImported ? known.TakenAt : reader.GetFieldValue<DateTimeOffset>(2),
            KeeperPid = reader.GetInt32(3),
            KeeperStart = reader.GetFieldValue<DateTimeOffset>(4),
        };
    }

    private async Task SleepAsync()
    {
        while (!_abandoned && !_end.IsCancellationRequested)
        {
            await using var command = new NpgsqlCommand(CopySourceSql.Sleep, _connection)
            {
                CommandTimeout = 0,
                Parameters = { new() { Value = Slice.TotalSeconds } },
            };
            await command.ExecuteNonQueryAsync(_end.Token);
        }

        await _connection.DisposeAsync();
    }
}

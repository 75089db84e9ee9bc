using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Opens, seals and drops generations; the unit of removal is a whole leaf, never a row.
/// <code>
/// open ──age or size──▶ followed by the next ──no capture can publish into it──▶ sealed
///      ──all committed, out of the replay window, no pin, no open dead letter──▶ withdrawn ──▶ detached ──▶ dropped
/// </code>
/// Only one process does a round at a time. Nothing waits long for a lock: a detach that cannot finish because somebody reads is finished in
/// a later round, and readers and capture go on meanwhile. A crash at any point leaves work that the next round finds. Needs the role that owns the schema.
/// </summary>
public sealed class Retention(NpgsqlDataSource db)
{
    public Task<RetentionReport> RunAsync(RetentionOptions options, CancellationToken cancellationToken = default) => LockedAsync(options, async connection =>
    {
        var added = await AddAsync(connection, options, cancellationToken);
        var closed = await GenerationsAsync(connection, RetentionSql.Seal, [Interval("silent", options.SilentCaptureAge)], cancellationToken);
        closed.AddRange(await GenerationsAsync(connection, RetentionSql.SealCopies, [], cancellationToken));
        await WithdrawAsync(connection, options, cancellationToken);
        var (dropped, waiting) = await RemoveAsync(connection, cancellationToken);
        return new RetentionReport(true, added, closed, dropped, waiting);
    }, cancellationToken);

    /// <summary>Generations that are withdrawn and still there, in whole or in part.</summary>
    public async Task<IReadOnlyList<int>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        return [.. (await LeftoversAsync(connection, cancellationToken)).Select(leaf => leaf.Generation).Distinct()];
    }

    /// <summary>The last step of a round only: removes what <see cref="UnfinishedAsync"/> names.</summary>
    public Task<RetentionReport> FinishAsync(RetentionOptions options, CancellationToken cancellationToken) => LockedAsync(options, async connection =>
    {
        var (dropped, waiting) = await RemoveAsync(connection, cancellationToken);
        return new RetentionReport(true, null, [], dropped, waiting);
    }, cancellationToken);

    private async Task<RetentionReport> LockedAsync(RetentionOptions options, Func<NpgsqlConnection, Task<RetentionReport>> round, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        if (await ScalarAsync(connection, RetentionSql.TryLock, cancellationToken) is not true)
        {
            return new RetentionReport(false, null, [], [], []);
        }

        try
        {
            var timeout = options.LockTimeout.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
            await ScalarAsync(connection, RetentionSql.SetLockTimeout, cancellationToken, new NpgsqlParameter("timeout", timeout));
            return await round(connection);
        }
        finally
        {
            await ScalarAsync(connection, RetentionSql.Unlock, CancellationToken.None);
        }
    }

    private static async Task<int?> AddAsync(NpgsqlConnection connection, RetentionOptions options, CancellationToken cancellationToken)
    {
        int next;
        await using (var command = Command(connection, RetentionSql.Newest,
            Interval("age", options.GenerationAgeMax), new NpgsqlParameter("bytes", options.GenerationBytesMax)))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            // The newest again, when a crash left the sources behind it.
            next = reader.GetInt32(reader.GetBoolean(1) ? 2 : 0);
        }

        await ScalarAsync(connection, RetentionSql.Add, cancellationToken, new NpgsqlParameter("gen", next));
        await Failpoints.HitAsync("ret.after_add", cancellationToken);
        await using var change = Command(connection, RetentionSql.Switch, new NpgsqlParameter("gen", next));
        return await change.ExecuteNonQueryAsync(cancellationToken) > 0 ? next : null;
    }

    private static async Task WithdrawAsync(NpgsqlConnection connection, RetentionOptions options, CancellationToken cancellationToken)
    {
        foreach (var generation in await GenerationsAsync(
            connection, RetentionSql.Droppable, [Interval("window", options.ReplayWindow), new NpgsqlParameter("bytes", options.CopyBytesMax)], cancellationToken))
        {
            await Failpoints.HitAsync("ret.before_withdraw", cancellationToken);
            await ScalarAsync(connection, RetentionSql.Withdraw, cancellationToken, new NpgsqlParameter("gen", generation));
            await Failpoints.HitAsync("ret.after_withdraw", cancellationToken);
        }
    }

    private static async Task<(List<int> Dropped, List<int> Waiting)> RemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var dropped = new List<int>();
        var waiting = new List<int>();
        foreach (var leaf in await LeftoversAsync(connection, cancellationToken))
        {
            try
            {
                if (leaf.Parent is not null)
                {
                    var detach = leaf.DetachPending ? RetentionSql.Finalize(leaf.Parent, leaf.Name) : RetentionSql.Detach(leaf.Parent, leaf.Name);
                    await ScalarAsync(connection, detach, cancellationToken);
                    await Failpoints.HitAsync("ret.after_detach", cancellationToken);
                }

                await ScalarAsync(connection, RetentionSql.Drop(leaf.Name), cancellationToken);
                await Failpoints.HitAsync("ret.after_drop", cancellationToken);
                dropped.Add(leaf.Generation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                waiting.Add(leaf.Generation);
            }
        }

        return ([.. dropped.Except(waiting).Distinct()], [.. waiting.Distinct()]);
    }

    private static async Task<List<Leaf>> LeftoversAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, RetentionSql.Leftovers);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leaves = new List<Leaf>();
        while (await reader.ReadAsync(cancellationToken))
        {
            leaves.Add(new Leaf(reader.GetString(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetBoolean(3)));
        }

        return leaves;
    }

    private static async Task<List<int>> GenerationsAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var generations = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            generations.Add(reader.GetInt32(0));
        }

        return generations;
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Interval(string name, TimeSpan value) => new(name, NpgsqlDbType.Interval) { Value = value };

    private sealed record Leaf(string Name, int Generation, string? Parent, bool DetachPending);
}

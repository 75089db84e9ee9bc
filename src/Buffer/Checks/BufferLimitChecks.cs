using System.Globalization;
using Npgsql;

namespace Philotes.Buffer;

/// <summary>Checks that compare the buffer with what the configuration asks of it: standbys with <c>buffer.ack_delay</c>, the rate of change with <c>buffer.replay_window</c>.</summary>
internal static class BufferLimitChecks
{
    private const string StandbyWhy = "What the source was told is safe, it does not send again: a standby without it has lost it (PH105).";
    private const string WindowWhy = "A full buffer makes capture wait, and the source keeps its log meanwhile.";

    /// <summary>Standbys that commits do not wait for and that may lack more than the delay covers. Parameter: the delay. Returns names.</summary>
    private const string Behind = """
        select coalesce(string_agg(coalesce(nullif(r.application_name, ''), r.usename::text), ', '), '')
        from pg_stat_replication as r
        where r.sync_state = 'async' and r.state <> 'backup' and coalesce(r.flush_lag, '0') >= $1
          and not exists (select from pg_replication_slots as s where s.active_pid = r.pid and s.slot_type = 'logical')
        """;

    public static async Task<IReadOnlyList<Finding>> RunAsync(NpgsqlDataSource buffer, BufferLimits limits, CancellationToken cancellationToken) =>
        [await StandbysAsync(buffer, limits, cancellationToken), Window(await new BufferStatus(buffer).ReadAsync(cancellationToken), limits)];

    private static async Task<Finding> StandbysAsync(NpgsqlDataSource buffer, BufferLimits limits, CancellationToken cancellationToken)
    {
        await using var command = buffer.CreateCommand(Behind);
        command.Parameters.Add(new NpgsqlParameter { Value = limits.AckDelay });
        return (string)(await command.ExecuteScalarAsync(cancellationToken))! is { Length: > 0 } names
            ? new Finding("DR21", "buffer", "warn", $"commits do not wait for the standby {names}, and buffer.ack_delay ({limits.AckDelay:g}) does not cover how far it is behind: a failover to it loses changes",
                "buffer.ack_delay: 10s, longer than the standby is ever behind; or alter system set synchronous_standby_names on the buffer", StandbyWhy)
            : new Finding("DR21", "buffer", "ok", "no standby of the buffer lacks what the source was told is safe", null, StandbyWhy);
    }

    /// <summary>Of a buffer that is almost still the rate says nothing: below a hundredth of the limit an hour nothing is foretold.</summary>
    private static Finding Window(StatusReport report, BufferLimits limits)
    {
        var needed = report.Activity.BytesPerSecond * limits.ReplayWindow.TotalSeconds;
        return needed > limits.BytesMax && report.Activity.BytesPerSecond * 3600 > limits.BytesMax / 100.0
            ? new Finding("DR22", "buffer", "warn", string.Create(CultureInfo.InvariantCulture,
                    $"at {report.Activity.BytesPerSecond / 1e6:0.0} MB a second the replay window of {limits.ReplayWindow:g} needs {needed / 1e9:0.0} GB, and buffer.max_bytes is {limits.BytesMax / 1e9:0.0} GB"),
                string.Create(CultureInfo.InvariantCulture, $"buffer.max_bytes: {Math.Ceiling(1.3 * needed / (1 << 30)):0}GiB, with a disk for it; or a shorter buffer.replay_window"), WindowWhy)
            : new Finding("DR22", "buffer", "ok", "the replay window fits into the buffer at this rate", null, WindowWhy);
    }
}

using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Operations;

/// <summary>The checks of the buffer against what the configuration asks of it.</summary>
public static class BufferProbe
{
    public static Task<IReadOnlyList<Finding>> RunAsync(NpgsqlDataSource buffer, PhilotesOptions options, CancellationToken cancellationToken) => BufferChecks.RunAsync(
        buffer, options.Source.Slot, options.Source.Publication.Name,
        new BufferLimits(options.Buffer.AckDelay, options.Buffer.ReplayWindow, options.Buffer.MaxBytes.Bytes), cancellationToken);
}

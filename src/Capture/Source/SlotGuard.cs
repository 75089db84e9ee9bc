using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Looks at the slot once more after it became ours. Between the check and START_REPLICATION somebody else could have read it; from now on
/// nobody can. Must pass before anything of the stream is flushed.
/// </summary>
internal sealed class SlotGuard(CaptureSettings settings, Lsn from)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(20);

    /// <param name="reading">The first read: if it fails, so does this.</param>
    public async Task RequireAsync(int backendPid, Task reading, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var catalog = await SourceConnection.OpenAsync(settings.SourceConnection(), cancellationToken);
        while (true)
        {
            var slot = await ServerFactsReader.SlotAsync(catalog, settings.SlotName, cancellationToken)
                ?? throw new PhilotesException("PH102", $"Replication slot '{settings.SlotName}' was dropped while it was being started.");
            if (slot.ConfirmedFlush > from)
            {
                throw new PhilotesException("PH105", $"Replication slot '{settings.SlotName}' moved to {slot.ConfirmedFlush} while it was being started; the buffer ends at {from}. Restore the buffer, or copy the tables again.");
            }

            if (slot.ActivePid == backendPid)
            {
                return;
            }

            if (reading.IsFaulted)
            {
                await reading;
            }

            await Task.Delay(Wait, time, cancellationToken);
        }
    }
}

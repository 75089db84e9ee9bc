using Npgsql;

namespace Philotes.Buffer;

internal static class RawCopy
{
    /// <summary>Ends a COPY that failed, without rows. When the connection broke it has ended already, and what broke it is the failure to tell.</summary>
    public static async Task AbandonAsync(this NpgsqlRawCopyStream copy)
    {
        try
        {
            await copy.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // Ended by the broken connection.
        }
    }
}

using System.Text.Json;
using Philotes.BatchWriter.Orphans;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Operations;

/// <summary>Orphans for one command of an operator.</summary>
public static class LakeOrphans
{
    public static async Task<OrphanReport> ListAsync(PhilotesOptions options, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        return await new OrphanSweep(options, session.Buffer, session.Lake, TimeProvider.System).ListAsync(cancellationToken);
    }

    /// <summary>Returns how many objects, and how many unfinished uploads. The audit names each object before it goes; after a kill it may name some that stayed.</summary>
    public static async Task<(int Objects, int Uploads)> DeleteAsync(PhilotesOptions options, Signature by, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        return await new OrphanSweep(options, session.Buffer, session.Lake, TimeProvider.System).DeleteAsync(
            (objects, token) => new Operator(session.Db).NoteAsync("orphans delete", JsonSerializer.Serialize(new { objects }), by, token), cancellationToken);
    }
}

using Philotes.BatchWriter.Orphans;
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

    public static async Task<(int Objects, int Uploads)> DeleteAsync(PhilotesOptions options, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        return await new OrphanSweep(options, session.Buffer, session.Lake, TimeProvider.System).DeleteAsync(cancellationToken);
    }
}

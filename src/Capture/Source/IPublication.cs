using Npgsql;

namespace Philotes.Capture.Source;

/// <summary>The publications that name the captured tables: ours to alter, or somebody else's to watch.</summary>
internal interface IPublication
{
    /// <summary>Looks once, and alters what is ours to alter. Idempotent.</summary>
    /// <exception cref="Shared.PhilotesException">PH110 missing or not usable, PH121 not ours to alter.</exception>
    Task<PublicationChange> SynchroniseAsync(NpgsqlConnection catalog, CancellationToken cancellationToken);
}

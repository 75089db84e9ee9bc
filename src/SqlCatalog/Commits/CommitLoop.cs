using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Commits;

/// <summary>
/// Makes commits durable: read the current state, check, write the next metadata file, swap the pointer in one statement.
/// <para>
/// When somebody else swapped in between, everything is done again on their state, requirements first: a commit that asserts
/// what changed ends there as a conflict, one that does not (a property, say) goes through. That is safe because the whole
/// request is judged again, never only its last step. Writing and swapping are separate, and only the swap counts: a crash
/// between them leaves a file that nothing refers to, a crash after the swap leaves a commit whose answer was lost.
/// </para>
/// </summary>
internal sealed class CommitLoop(EntryStore entries, MetadataFiles files, TimeProvider time)
{
    const int AttemptsMax = 100;
    const int PauseMsMax = 50;

    /// <summary>All of what <paramref name="prepare"/> gives becomes current, or nothing.</summary>
    public async Task<IReadOnlyList<PreparedCommit>> RunAsync(
        Func<CancellationToken, Task<IReadOnlyList<PreparedCommit>>> prepare, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var prepared = await prepare(cancellationToken);
            var changes = prepared.Select(p => p.Change).OfType<EntryChange>().ToList();
            var lost = changes.Count == 0 ? null : await entries.ApplyAsync(changes, cancellationToken);
            if (lost is null)
            {
                await files.DeleteAsync(prepared.SelectMany(p => p.Obsolete), cancellationToken);
                return prepared;
            }

            await files.DeleteAsync(changes.Select(c => c.Location), cancellationToken);
            if (lost.Expected is null)
                throw await TakenAsync(lost, cancellationToken);
            var pause = TimeSpan.FromMilliseconds(Random.Shared.Next(1, Math.Min(PauseMsMax, 2 + attempt)));
            await Task.Delay(pause, time, cancellationToken);
        }

        throw CatalogException.CommitFailed($"Too many concurrent commits: gave up after {AttemptsMax} attempts.");
    }

    /// <summary>The protocol's words for a name that is already there.</summary>
    public static CatalogException Taken(EntryName name, EntryKind wanted, EntryKind existing) => (wanted == existing) switch
    {
        true => CatalogException.AlreadyExists($"{wanted} already exists: {name}"),
        false => CatalogException.AlreadyExists($"{existing} with same name already exists: {name}"),
    };

    async Task<CatalogException> TakenAsync(EntryChange lost, CancellationToken cancellationToken)
    {
        var existing = await entries.FindAsync(lost.Name, cancellationToken);
        return Taken(lost.Name, lost.Kind, existing?.Kind ?? lost.Kind);
    }
}

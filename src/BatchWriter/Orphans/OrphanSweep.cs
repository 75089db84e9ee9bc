using Philotes.BatchWriter.Operations;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Orphans;

/// <summary>
/// Finds and removes objects that batches, repairs and replays wrote and nothing refers to: a crash before the stage leaves data files, a conflict leaves a manifest list, a lost
/// race an empty table's first list.
///
/// An orphan is on the ledger's list (every name is written down before its object is), its writer is over for long enough that no late request can refer to
/// it any more, and no snapshot of the table's metadata refers to it. The table is loaded again right before its orphans are removed. Nothing is ever listed
/// in the store, so a file of somebody else is never looked at. A table that cannot be loaded keeps everything. A crash between removing an object and
/// striking its name makes the next sweep strike it.
/// </summary>
internal sealed class OrphanSweep(PhilotesOptions options, WriterBuffer buffer, Lake lake, TimeProvider clock)
{
    private const int NotedMax = 1000;

    public async Task<OrphanReport> ListAsync(CancellationToken cancellationToken)
    {
        var orphans = new List<Orphan>();
        var skipped = new List<string>();
        foreach (var (source, left) in await LeftAsync(cancellationToken))
        {
            if (await JudgeAsync(source, left, skipped, cancellationToken) is not var (_, store, gone))
                continue;
            foreach (var item in gone)
                orphans.Add(new Orphan(source.TableName, item.Writer, item.Uri, KindOf(item.Uri), await store.HeadAsync(item.Uri, cancellationToken), item.FinishedAt));
        }

        return new OrphanReport(orphans, skipped);
    }

    /// <summary>Removes what <see cref="ListAsync"/> would name, and uploads in parts that killed processes left. Returns how many objects, and how many uploads.</summary>
    public Task<(int Objects, int Uploads)> DeleteAsync(CancellationToken cancellationToken) => DeleteAsync(static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>The same, with a note of it.</summary>
    /// <param name="noteAsync">Called with the URIs of the objects that go next, <see cref="NotedMax"/> at most, before the first of them does.</param>
    public async Task<(int Objects, int Uploads)> DeleteAsync(Func<IReadOnlyList<string>, CancellationToken, Task> noteAsync, CancellationToken cancellationToken)
    {
        var (objects, uploads) = (0, 0);
        foreach (var (source, left) in await LeftAsync(cancellationToken))
        {
            if (await JudgeAsync(source, left, [], cancellationToken) is not var (table, store, gone))
                continue;
            foreach (var uris in gone.Select(item => item.Uri).Chunk(NotedMax))
            {
                await noteAsync(uris, cancellationToken);
                await RemoveAsync(store, uris, cancellationToken);
            }

            uploads += await store.EndUploadsAsync(table.Metadata.Location, clock.GetUtcNow() - options.Writer.OrphanAge, cancellationToken);
            foreach (var writer in left.GroupBy(item => item.Writer))
                await buffer.Objects.ReleaseAsync(writer.Key, [.. writer.Select(item => item.Uri)], cancellationToken);
            objects += gone.Count;
        }

        return (objects, uploads);
    }

    private static async Task RemoveAsync(IObjectStore store, IReadOnlyList<string> uris, CancellationToken cancellationToken)
    {
        foreach (var uri in uris)
        {
            await Failpoints.HitAsync("orphan.before_delete", cancellationToken);
            await store.DeleteAsync(uri, cancellationToken);
            await Failpoints.HitAsync("orphan.after_delete", cancellationToken);
        }
    }

    private async Task<List<(BufferedTable Source, List<WrittenObject> Left)>> LeftAsync(CancellationToken cancellationToken)
    {
        var tables = new List<(BufferedTable, List<WrittenObject>)>();
        foreach (var table in (await buffer.Objects.LeftAsync(options.Writer.OrphanAge, cancellationToken)).GroupBy(item => (item.TableId, item.Target)))
            tables.Add((await buffer.Ledger.TableAsync(table.Key.TableId, cancellationToken), [.. table]));
        return tables;
    }

    /// <summary>Null when the table cannot be judged now; then <paramref name="skipped"/> says why.</summary>
    private async Task<(LoadedTable Table, IObjectStore Store, List<WrittenObject> Gone)?> JudgeAsync(
        BufferedTable source, List<WrittenObject> left, List<string> skipped, CancellationToken cancellationToken)
    {
        try
        {
            if (options.For(source.TableName.Schema, source.TableName.Table) is not { } settings
                || await (await lake.CatalogAsync(cancellationToken)).FindTableAsync(NameOf(settings, left[0].Target), cancellationToken) is not { } table)
            {
                skipped.Add($"{source.TableName}: its lake table{(left[0].Target is { } side ? " " + side : "")} is not configured or not in the catalog; {left.Count} names stay on the list");
                return null;
            }

            var store = await lake.StoreAsync(table, cancellationToken);
            var live = await LiveObjects.AmongAsync(left.Select(item => item.Uri).ToHashSet(StringComparer.Ordinal), table.Metadata, store, cancellationToken);
            return (table, store, [.. left.Where(item => !live.Contains(item.Uri))]);
        }
        catch (IcebergException failed)
        {
            skipped.Add($"{source.TableName}: {failed.Message}");
            return null;
        }
    }

    private static TableIdentifier NameOf(TableSettings settings, string? target) =>
        TargetTables.NameOf(target is null ? settings : ReplaySettings.Of(settings, target));

    private static string KindOf(string uri) => uri[(uri.LastIndexOf('/') + 1)..] switch
    {
        var name when name.EndsWith(".parquet", StringComparison.Ordinal) => "data",
        var name when name.StartsWith("snap-", StringComparison.Ordinal) => "list",
        _ => "manifest",
    };
}

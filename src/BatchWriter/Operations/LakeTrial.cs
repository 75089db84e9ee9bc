using System.Globalization;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Does on catalog and store what a writer does, with a table and an object of its own.
/// <code>
/// create philotes_probe.probe_… ─▶ commit, commit what is stale ─▶ put LOCATION/philotes-probe, read, delete; the same in parts ─▶ drop the table with its files
/// </code>
/// A kill in the middle leaves the table, and perhaps its object. Both are found by their names: the next trial removes those that are older than
/// any trial lasts, and says so.
/// </summary>
internal sealed class LakeTrial(RestCatalog catalog, Lake lake, long partBytes, TimeProvider clock)
{
    public const string CatalogWhy = "Exactly-once rests on the catalog refusing a commit whose parent has moved.";
    public const string StoreWhy = "A file must be new, whole and readable before it is committed, and orphans must be removable.";

    private const string ObjectName = "philotes-probe";
    private const string PartsName = "/" + ObjectName + "-parts";
    private const string TablePrefix = "probe_";
    private const string DeleteWhy = "What crashed writers and lost races leave is removed; where it cannot be, it costs space for good.";

    private static readonly NamespaceName Namespace = NamespaceName.Parse("philotes_probe");
    private static readonly TimeSpan LeftAfter = TimeSpan.FromHours(1);

    private readonly List<LakeFinding> _findings = [];
    private readonly List<(string Area, TimeSpan Ahead)> _clocks = [];

    public IReadOnlyList<LakeFinding> Findings => _findings;

    /// <summary>How far this machine's clock is before that of catalog and store, where they said theirs.</summary>
    public IReadOnlyList<(string Area, TimeSpan Ahead)> Clocks => _clocks;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await catalog.EnsureNamespaceAsync(Namespace, cancellationToken);
        await SweepAsync(cancellationToken);
        var created = await CreateAsync(cancellationToken);
        if (created is not CommitOutcome.Committed(var table))
        {
            Catalog("fail", $"the catalog did not create a table: {created}", "grant the catalog's principal the right to create tables");
            return;
        }

        Compare("catalog", table.ServerDate);
        try
        {
            await CommitsAsync(table, cancellationToken);
            await StoreAsync(await lake.StoreAsync(table, cancellationToken), table.Metadata.Location, cancellationToken);
        }
        finally
        {
            await DropAsync(table.Identifier);
        }

        Catalog("info", CatalogCapabilities.Of(catalog.Config, table).ToString(), null);
    }

    /// <summary>What a trial that was killed has left: first its object, then its table, so that a kill in between leaves a table that says where to look.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var left in (await catalog.ListTablesAsync(Namespace, cancellationToken)).Where(table => table.Name.StartsWith(TablePrefix, StringComparison.Ordinal)))
        {
            if (await catalog.FindTableAsync(left, cancellationToken) is not { } table || table.Metadata.LastUpdatedMs > clock.GetUtcNow().Subtract(LeftAfter).ToUnixTimeMilliseconds())
                continue;
            try
            {
                var store = await lake.StoreAsync(table, cancellationToken);
                await store.DeleteAsync($"{table.Metadata.Location}/{ObjectName}", cancellationToken);
                await store.DeleteAsync(table.Metadata.Location + PartsName, cancellationToken);
                await DropAsync(left);
                Catalog("info", $"removed {left}, which a check left that was killed", null);
            }
            catch (ObjectStoreException refused)
            {
                Store("DR31", "warn", $"{left} was left by a check that was killed, and its object cannot be removed: {refused.Message}", "allow deleting under the warehouse, then run this again", DeleteWhy);
            }
        }
    }

    private Task<CommitOutcome> CreateAsync(CancellationToken cancellationToken)
    {
        var name = new TableIdentifier(Namespace, string.Create(CultureInfo.InvariantCulture, $"{TablePrefix}{Guid.NewGuid():n}"));
        var schema = new IcebergSchema(0, [new NestedField(1, "id", Required: false, new LongType())]);
        return catalog.CreateTableAsync(
            new CreateTableRequest(name, schema, PartitionSpec.Parse([], schema), SortOrder.Parse([], schema), new Dictionary<string, string>()), cancellationToken);
    }

    /// <summary>With its files; a catalog that deletes none is asked to forget it at least.</summary>
    private async Task DropAsync(TableIdentifier table)
    {
        try
        {
            await catalog.PurgeTableAsync(table, CancellationToken.None);
        }
        catch (CatalogRefusedException)
        {
            await catalog.DropTableAsync(table, CancellationToken.None);
        }
    }

    private async Task CommitsAsync(LoadedTable table, CancellationToken cancellationToken)
    {
        var good = await SetAsync(table, new TableRequirement.AssertTableUuid(table.Metadata.TableUuid), cancellationToken);
        var stale = await SetAsync(table, new TableRequirement.AssertTableUuid(Guid.NewGuid()), cancellationToken);
        if (good is not CommitOutcome.Committed)
            Catalog("fail", $"the catalog did not commit: {good}", "grant the catalog's principal the right to commit");
        else if (stale is CommitOutcome.Committed)
            Catalog("fail", "the catalog committed although the requirement did not hold", "use a catalog that checks the requirements of a commit");
        else
            Catalog("ok", "the catalog creates, commits, refuses what is stale, and drops", null);
    }

    private Task<CommitOutcome> SetAsync(LoadedTable table, TableRequirement requirement, CancellationToken cancellationToken) =>
        catalog.CommitAsync(
            new CommitRequest(table.Identifier, [requirement], [new TableUpdate.SetProperties(new Dictionary<string, string> { ["philotes.probe"] = "1" })]), cancellationToken);

    private async Task StoreAsync(IObjectStore store, string location, CancellationToken cancellationToken)
    {
        var uri = $"{location}/{ObjectName}";
        try
        {
            await store.PutNewAsync(uri, "probe"u8.ToArray(), cancellationToken);
            await Failpoints.HitAsync("doctor.after_put", cancellationToken);
            Compare("store", await store.WrittenAtAsync(uri, cancellationToken));
            var length = await store.HeadAsync(uri, cancellationToken);
            var bytes = await store.ReadAsync(uri, cancellationToken);
            if (length != 5 || !bytes.AsSpan().SequenceEqual("probe"u8))
                Store("DR30", "fail", $"an object of 5 bytes came back with {bytes.Length}, or with others", "check the store's consistency", StoreWhy);
            else if (await PartsAsync(store, location + PartsName, cancellationToken) is { } lost)
                Store("DR30", "fail", lost, "allow uploads in parts under the table's location (S3: CreateMultipartUpload, UploadPart, CompleteMultipartUpload), or raise lake.store.part_bytes above the size of every file", StoreWhy);
            else if (await ReplacesAsync(store, uri, cancellationToken))
                Store("DR30", "warn", "the store replaces an object that was put as new", "names are unique without it; use a store with If-None-Match to have both", StoreWhy);
            else
                Store("DR30", "ok", "the store puts, reads, and refuses to replace", null, StoreWhy);
        }
        catch (ObjectStoreException failed)
        {
            Store("DR30", "fail", $"{failed.Message}", "grant put, get and delete under the table's location", StoreWhy);
        }

        await DeleteAsync(store, location, uri, cancellationToken);
    }

    /// <summary>A file that goes up in two parts, as most data files do; what is wrong with it, or null.</summary>
    private async Task<string?> PartsAsync(IObjectStore store, string uri, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            await using (var zeros = File.OpenWrite(file))
                zeros.SetLength(partBytes + 1);
            await store.PutNewFileAsync(uri, file, cancellationToken);
            var length = await store.HeadAsync(uri, cancellationToken);
            return length == partBytes + 1 ? null : string.Create(CultureInfo.InvariantCulture, $"a file of {partBytes + 1} bytes that went up in parts came to be one of {length ?? 0}");
        }
        catch (ObjectStoreException refused)
        {
            return $"a file cannot go up in parts: {refused.Message}";
        }
        finally
        {
            File.Delete(file);
            await TryDeleteAsync(store, uri, cancellationToken);
        }
    }

    private static async Task TryDeleteAsync(IObjectStore store, string uri, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(uri, cancellationToken);
        }
        catch (ObjectStoreException)
        {
            // DR31 says that the store does not delete.
        }
    }

    /// <summary>DR31: whether what is deleted is gone, and whether uploads that were never finished can be found.</summary>
    private async Task DeleteAsync(IObjectStore store, string location, string uri, CancellationToken cancellationToken)
    {
        try
        {
            var keeps = await store.DeleteAsync(uri, cancellationToken);
            await store.EndUploadsAsync(location, DateTimeOffset.UnixEpoch, cancellationToken);
            if (await store.HeadAsync(uri, cancellationToken) is not null)
                Store("DR31", "warn", "the store says that it deleted an object, and has it still", "check the store's consistency", DeleteWhy);
            else if (keeps)
                Store("DR31", "warn", "the store keeps a version of every object that is deleted: versioning, or an object lock", "a lifecycle rule for the bucket that removes noncurrent versions (S3: NoncurrentVersionExpiration), or neither versioning nor lock", DeleteWhy);
            else
                Store("DR31", "ok", "what is deleted is gone", null, DeleteWhy);
        }
        catch (ObjectStoreException refused)
        {
            Store("DR31", "warn", $"the store refuses to delete, or to list uploads that were never finished: {refused.Message}",
                "allow it under the warehouse (S3: s3:DeleteObject, s3:AbortMultipartUpload, s3:ListBucketMultipartUploads), and no policy, legal hold or retention that denies it", DeleteWhy);
        }
    }

    private static async Task<bool> ReplacesAsync(IObjectStore store, string uri, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutNewAsync(uri, "other"u8.ToArray(), cancellationToken);
            return true;
        }
        catch (ObjectStoreException refused) when (refused.Failure is ObjectStoreFailure.AlreadyExists)
        {
            return false;
        }
    }

    private void Compare(string area, DateTimeOffset? theirs)
    {
        if (theirs is { } said)
            _clocks.Add((area, clock.GetUtcNow() - said));
    }

    private void Catalog(string result, string what, string? remedy) => _findings.Add(new LakeFinding("DR40", "catalog", result, what, remedy, CatalogWhy));

    private void Store(string id, string result, string what, string? remedy, string why) => _findings.Add(new LakeFinding(id, "store", result, what, remedy, why));
}

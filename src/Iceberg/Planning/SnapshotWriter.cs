using System.Globalization;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Planning;

/// <summary>
/// Stores what a plan asks for: new manifests as <c>{commit}-m{number}.avro</c>, then the manifest list as
/// <c>snap-{snapshot}-{attempt}-{commit}.avro</c>. One writer serves all attempts of one commit: manifests are written at the first attempt
/// and used again, a list is written for each. A restarted process takes a new commit id, so that no name is ever used twice.
/// Each name is announced, to whoever keeps account of them, before its object is written. A crash at any place leaves files that nothing refers to. Whether <see cref="WrittenPaths"/> may be deleted after a failed commit is
/// the caller's to decide: never after one whose outcome is unknown.
/// </summary>
public sealed class SnapshotWriter(IObjectStore store, Guid commitId, Func<IReadOnlyCollection<string>, CancellationToken, Task>? announce = null)
{
    private readonly Dictionary<string, ManifestFile> _manifests = new(StringComparer.Ordinal);
    private readonly List<string> _written = [];
    private int _attempt;

    /// <summary>All objects that this writer has stored, or began to store.</summary>
    public IReadOnlyList<string> WrittenPaths => _written;

    public async Task<WrittenSnapshot> WriteAsync(TableHead head, AppendPlan plan, CancellationToken cancellationToken)
    {
        var manifests = new List<ManifestFile>();
        foreach (var created in plan.NewManifests)
        {
            manifests.Add(await CreateAsync(head, plan, created, cancellationToken));
        }

        foreach (var group in plan.Existing)
        {
            manifests.Add(group.Count == 1 ? group[0] : await MergeAsync(head, plan, group, cancellationToken));
        }

        var path = string.Create(CultureInfo.InvariantCulture, $"{head.MetadataFolder}/snap-{plan.SnapshotId}-{++_attempt}-{commitId}.avro");
        await PutAsync(path, ManifestListWriter.Write(plan.SnapshotId, plan.ParentSnapshotId, plan.SequenceNumber, manifests), cancellationToken);
        return new WrittenSnapshot(SnapshotOf(plan, path), path, [path, .. manifests.Select(manifest => manifest.Path).Intersect(_written)]);
    }

    private static Snapshot SnapshotOf(AppendPlan plan, string manifestList) => new()
    {
        SnapshotId = plan.SnapshotId,
        ParentSnapshotId = plan.ParentSnapshotId,
        SequenceNumber = plan.SequenceNumber,
        TimestampMs = plan.TimestampMs,
        ManifestList = manifestList,
        Summary = plan.Summary,
        SchemaId = plan.SchemaId,
    };

    private Task<ManifestFile> CreateAsync(TableHead head, AppendPlan plan, PlannedManifest created, CancellationToken cancellationToken)
    {
        var header = new ManifestHeader(head.Schema, head.Specs[created.SpecId], ManifestContent.Data);
        var key = string.Join('\n', created.Files.Select(file => file.FilePath).Prepend(Key(plan, header)));
        return OnceAsync(
            key, head, plan, header, _ => Task.FromResult<IReadOnlyList<ManifestEntry>>(AddedEntries(plan, created)), cancellationToken);
    }

    private static List<ManifestEntry> AddedEntries(AppendPlan plan, PlannedManifest created) =>
        created.Files.Select(file => ManifestEntry.Added(plan.SnapshotId, file)).ToList();

    private Task<ManifestFile> MergeAsync(TableHead head, AppendPlan plan, IReadOnlyList<ManifestFile> group, CancellationToken cancellationToken)
    {
        var header = new ManifestHeader(head.Schema, head.Specs[group[0].SpecId], group[0].Content);
        var key = string.Join('\n', group.Select(manifest => manifest.Path).Prepend(Key(plan, header)));
        return OnceAsync(key, head, plan, header, token => LiveEntriesAsync(group, token), cancellationToken);
    }

    private static string Key(AppendPlan plan, ManifestHeader header) =>
        string.Create(CultureInfo.InvariantCulture, $"{plan.SnapshotId} {header.Spec.SpecId} {header.Schema.SchemaId}");

    /// <summary>The live entries of manifests, each with its own snapshot and sequence numbers.</summary>
    private async Task<IReadOnlyList<ManifestEntry>> LiveEntriesAsync(IReadOnlyList<ManifestFile> group, CancellationToken cancellationToken)
    {
        var entries = new List<ManifestEntry>();
        foreach (var file in group)
        {
            var manifest = ManifestReader.Read(await store.ReadAsync(file.Path, cancellationToken), file);
            entries.AddRange(manifest.Entries.Where(entry => entry.IsLive).Select(entry => entry with { Status = ManifestEntryStatus.Existing }));
        }

        return entries;
    }

    private async Task<ManifestFile> OnceAsync(
        string key,
        TableHead head,
        AppendPlan plan,
        ManifestHeader header,
        Func<CancellationToken, Task<IReadOnlyList<ManifestEntry>>> entries,
        CancellationToken cancellationToken)
    {
        if (!_manifests.TryGetValue(key, out var manifest))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{head.MetadataFolder}/{commitId}-m{_written.Count}.avro");
            var encoded = ManifestWriter.Write(path, plan.SnapshotId, header, await entries(cancellationToken));
            await PutAsync(path, encoded.Bytes, cancellationToken);
            manifest = encoded.File;
            _manifests[key] = manifest;
        }

        return manifest;
    }

    private async Task PutAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        if (announce is not null)
        {
            await announce([path], cancellationToken);
        }

        _written.Add(path);
        await store.PutNewAsync(path, bytes, cancellationToken);
    }
}

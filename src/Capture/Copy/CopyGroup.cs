using Philotes.Buffer;

namespace Philotes.Capture.Copy;

/// <summary>Tables that are copied from one snapshot. <paramref name="pending"/> are those whose ranges are not planned yet.</summary>
internal sealed class CopyGroup(SnapshotKeeper keeper, IReadOnlyList<CopyTable> pending)
{
    public SnapshotKeeper Keeper { get; } = keeper;

    public CopySnapshot Snapshot => Keeper.Snapshot;

    public List<CopyTable> Pending { get; } = [.. pending];
}

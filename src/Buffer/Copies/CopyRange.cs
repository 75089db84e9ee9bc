using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>What is copied in one piece, and published whole.</summary>
/// <param name="Ordinal">0 is the truncate with which a copy that replaces begins; it has no relation.</param>
/// <param name="Relation">The heap that is read: the table itself, or one of its partitions.</param>
/// <param name="EndBlock">First block behind the range; null reads to the end.</param>
public sealed record CopyRange(
    CopyTable Table, int Ordinal, uint? Relation, long FirstBlock, long? EndBlock, int SchemaId, CopySnapshot Snapshot)
{
    /// <summary>Identifies the range among all that are undone.</summary>
    public long Key => ((long)Table.TableId << 32) | (uint)Ordinal;
}

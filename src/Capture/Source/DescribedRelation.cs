using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What is known of a table when it is described.</summary>
/// <param name="FirstName">The name it was first seen by.</param>
/// <param name="Version">Its last version; null for a new table.</param>
internal sealed record DescribedRelation(TableName FirstName, NumberedRelation? Version)
{
    /// <summary>The last description in this session; empty before the first.</summary>
    public byte[] Raw { get; init; } = [];

    /// <summary>Null before the first description in this session.</summary>
    public CapturedTable? Table { get; init; }

    /// <summary>The transaction of the last description, and the command of it that it lies before.</summary>
    public uint Xid { get; init; }

    public uint Command { get; init; }

    /// <summary>The new description says nothing new.</summary>
    public bool IsSame(RelationMessage relation, NumberedRelation version) => Version is not null && Raw.AsSpan().SequenceEqual(relation.Raw)
        && Version.Numbers.SequenceEqual(version.Numbers) && Version.Types.SequenceEqual(version.Types) && Version.Dropped.SequenceEqual(version.Dropped);
}

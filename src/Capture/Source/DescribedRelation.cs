using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What is known of a table when it is described.</summary>
/// <param name="FirstName">The name it was first seen by.</param>
/// <param name="Version">Its last version; null for a new table.</param>
internal sealed record DescribedRelation(TableName FirstName, NumberedRelation? Version)
{
    /// <summary>The last description in this session; null before the first.</summary>
    public RelationMessage? Relation { get; init; }

    /// <summary>Null before the first description in this session.</summary>
    public CapturedTable? Table { get; init; }

    /// <summary>The transaction of the last description, and the command of it that it lies before.</summary>
    public uint Xid { get; init; }

    public uint Command { get; init; }

    /// <summary>What composite types were last looked up again for, so that a transaction's rows which fit nothing cost one look.</summary>
    public string Refitted { get; init; } = "";

    /// <summary>The new description says nothing new.</summary>
    public bool IsSame(RelationMessage relation, NumberedRelation version) => Version is not null && Relation?.Raw.AsSpan().SequenceEqual(relation.Raw) == true
        && Version.Numbers.SequenceEqual(version.Numbers) && Version.Types.SequenceEqual(version.Types) && Version.Dropped.SequenceEqual(version.Dropped);
}

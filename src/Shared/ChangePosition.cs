namespace Philotes.Shared;

/// <summary>Total order of all changes of one source: commit order, then order within the transaction, from 0.</summary>
public readonly record struct ChangePosition(Lsn CommitLsn, long Sequence) : IComparable<ChangePosition>
{
    public int CompareTo(ChangePosition other)
    {
        var byCommit = CommitLsn.CompareTo(other.CommitLsn);
        return byCommit != 0 ? byCommit : Sequence.CompareTo(other.Sequence);
    }

    public static bool operator <(ChangePosition left, ChangePosition right) => left.CompareTo(right) < 0;

    public static bool operator >(ChangePosition left, ChangePosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(ChangePosition left, ChangePosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ChangePosition left, ChangePosition right) => left.CompareTo(right) >= 0;
}

using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>Called once per event of a batch, in the source's order. The row's spans are gone when it returns.</summary>
public delegate void EventHandler(in EventRow row);

/// <summary>One event as the buffer holds it.</summary>
public readonly ref struct EventRow
{
    public ChangeKind Op { get; init; }

    public Lsn CommitLsn { get; init; }

    /// <summary>Place of the change in its source transaction, from 0.</summary>
    public long TxSeq { get; init; }

    public long Xid { get; init; }

    /// <summary>Since 2000-01-01 UTC.</summary>
    public long CommitTimestampMicros { get; init; }

    public bool HasOld { get; init; }

    public bool HasNew { get; init; }

    /// <summary>Raw TupleData of the K or O image; empty without one.</summary>
    public ReadOnlySpan<byte> OldRow { get; init; }

    /// <summary>Raw TupleData of the N image; empty without one.</summary>
    public ReadOnlySpan<byte> NewRow { get; init; }

    public int Generation { get; init; }

    public long Chunk { get; init; }

    public int Ordinal { get; init; }

    /// <summary>A row of this block of copied rows.</summary>
    internal EventRow OfBlock(int place, ReadOnlySpan<byte> image) => new()
    {
        Op = ChangeKind.Read,
        CommitLsn = CommitLsn,
        TxSeq = TxSeq + place,
        Xid = Xid,
        CommitTimestampMicros = CommitTimestampMicros,
        HasNew = true,
        NewRow = image,
        Generation = Generation,
        Chunk = Chunk,
        Ordinal = Ordinal + place,
    };
}

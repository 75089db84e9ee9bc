using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <summary>One row change whose tuples still lie in the message's buffer: valid until the next message is read.</summary>
internal readonly ref struct RowMessage(uint relationOid, ChangeKind kind)
{
    public uint RelationOid { get; } = relationOid;

    public ChangeKind Kind { get; } = kind;

    public bool HasOld { get; init; }

    /// <summary>The old key, or under REPLICA IDENTITY FULL the old row.</summary>
    public ReadOnlySpan<byte> Old { get; init; }

    public bool HasNew { get; init; }

    public ReadOnlySpan<byte> New { get; init; }
}

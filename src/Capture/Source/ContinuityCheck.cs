using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Decides before every START_REPLICATION whether the slot can continue the buffer's history without a hole. The server will not say: it
/// forwards a start position that lies behind the slot without an error, and a recreated slot looks like any other.
/// <code>
/// D  the buffer's durable position      F  the slot's confirmed position      W  the server's WAL end      S  end of our timeline
///
/// F &lt;= D  the slot can send again what the buffer has not          F &gt; D  changes between D and F are gone
/// S &gt;= D  the new timeline contains all that we captured           S &lt; D  we captured what this server never committed
/// </code>
/// A slot that somebody reads is moving, and so is the buffer's position if the reader is a capture of ours: it is judged when it is free.
/// Pure: the same facts give the same verdict. The position to start from is always D, never the greater of D and F.
/// </summary>
internal static class ContinuityCheck
{
    private static readonly Lsn None = Lsn.Zero;

    public static ContinuityVerdict Decide(RememberedSource remembered, ServerFacts server)
    {
        if (remembered.SystemIdentifier is { } known && known != server.SystemIdentifier)
        {
            return Refuse("PH101", $"This is another cluster: the buffer continues system {known}, the server is {server.SystemIdentifier}. Point the source back, or start a new source name and copy everything again.");
        }

        if (server.Slot is not { } slot)
        {
            return remembered.Durable == None
                ? new ContinuityVerdict.CreateSlot()
                : Refuse("PH102", $"Replication slot '{server.SlotName}' does not exist, and the buffer ends at {remembered.Durable}. What was committed since then may be lost: create a slot and copy the tables again.");
        }

        if (OfSlot(slot, server) is { } notOurs)
        {
            return notOurs;
        }

        if (slot.ActivePid is { } pid)
        {
            return new ContinuityVerdict.Busy($"Replication slot '{server.SlotName}' is read by {slot.Holder ?? $"process {pid}"}. Waiting for it to leave.");
        }

        return OfHistory(remembered, server, slot)
            ?? (ContinuityVerdict)new ContinuityVerdict.Continue(remembered.Durable == None ? slot.ConfirmedFlush : remembered.Durable);
    }

    private static ContinuityVerdict.Refuse? OfSlot(SlotFacts slot, ServerFacts server)
    {
        if (slot.Plugin != "pgoutput" || slot.Database != server.Database || slot.Temporary)
        {
            return Refuse("PH103", $"Replication slot '{server.SlotName}' is not ours to read: plugin {slot.Plugin ?? "none"}, database {slot.Database ?? "none"}{(slot.Temporary ? ", temporary" : "")}; it must be a permanent pgoutput slot of database {server.Database}. Configure another slot name.");
        }

        return slot.WalStatus == "lost" || slot.InvalidationReason is not null
            ? Refuse("PH104", $"Replication slot '{server.SlotName}' is invalidated ({slot.InvalidationReason ?? "the server removed WAL that it needed"}). Drop it, and copy the tables again.")
            : null;
    }

    private static ContinuityVerdict.Refuse? OfHistory(RememberedSource remembered, ServerFacts server, SlotFacts slot)
    {
        var durable = remembered.Durable;
        if (durable == None)
        {
            return null;
        }

        if (slot.ConfirmedFlush > durable)
        {
            return Refuse("PH105", $"Replication slot '{server.SlotName}' is ahead of the buffer by {slot.ConfirmedFlush.Value - durable.Value} bytes (slot {slot.ConfirmedFlush}, buffer {durable}): changes between them are gone. Restore the buffer, or copy the tables again.");
        }

        return remembered.Timeline is { } timeline && timeline != server.Timeline
            ? OfTimeline(timeline, durable, server)
            : server.WalEnd < durable
                ? Refuse("PH108", $"The server ends at {server.WalEnd}, behind the buffer's {durable}: it is the wrong server or a restored backup. Point the source back, or copy the tables again.")
                : null;
    }

    private static ContinuityVerdict.Refuse? OfTimeline(int timeline, Lsn durable, ServerFacts server) => server.TimelineSwitch switch
    {
        null => Refuse("PH106", $"The server is on timeline {server.Timeline} and does not know how timeline {timeline} ended. Copy the tables again."),
        { } end when end < durable => Refuse("PH107", $"The server left timeline {timeline} at {end}, and the buffer ends at {durable}: {durable.Value - end.Value} bytes were captured that this server never committed. Copy the tables changed since {end} again."),
        _ => null,
    };

    private static ContinuityVerdict.Refuse Refuse(string code, string reason) => new(code, reason);
}

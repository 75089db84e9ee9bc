using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What the buffer remembers of the source. <see cref="SystemIdentifier"/> is null, and <see cref="Durable"/> zero, before the first start.</summary>
internal sealed record RememberedSource(string? SystemIdentifier, int? Timeline, Lsn Durable);

/// <summary>The slot as <c>pg_replication_slots</c> shows it.</summary>
/// <param name="Holder">Who reads it now, for people; null when nobody does.</param>
internal sealed record SlotFacts(
    string? Plugin, string? Database, bool Temporary, string? WalStatus, string? InvalidationReason, Lsn ConfirmedFlush, int? ActivePid, string? Holder);

/// <summary>What the server says of itself and of our slot at one moment.</summary>
/// <param name="WalEnd">The end of its write-ahead log.</param>
/// <param name="TimelineSwitch">Where the remembered timeline ended, if the server is on a later one and knows it.</param>
/// <param name="Slot">Null when there is no such slot.</param>
internal sealed record ServerFacts(
    string SystemIdentifier, int Timeline, Lsn WalEnd, string Database, string SlotName, Lsn? TimelineSwitch, SlotFacts? Slot);

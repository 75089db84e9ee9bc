using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <param name="CommitLsn">Where the transaction's commit record starts.</param>
/// <param name="CommitTimestamp">Microseconds since 2000-01-01 UTC.</param>
internal readonly record struct BeginMessage(Lsn CommitLsn, long CommitTimestamp, uint Xid);

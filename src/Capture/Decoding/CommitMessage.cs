using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <param name="CommitLsn">Where the transaction's commit record starts.</param>
/// <param name="EndLsn">The first byte behind the commit record: the position to acknowledge.</param>
internal readonly record struct CommitMessage(Lsn CommitLsn, Lsn EndLsn, long CommitTimestamp);

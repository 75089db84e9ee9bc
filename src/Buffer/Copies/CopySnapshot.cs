using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A snapshot of the source that tables are copied from, held open there by a session of its own.</summary>
/// <param name="Name">What SET TRANSACTION SNAPSHOT takes.</param>
/// <param name="Identity">Server start and visible transactions: compared after each import, because a restarted server may give the name again.</param>
/// <param name="Point">A transaction is visible in it exactly if its commit record lies before this position.</param>
public sealed record CopySnapshot(
    int SnapshotId, string Name, string Identity, Lsn Point, DateTimeOffset TakenAt, int KeeperPid, DateTimeOffset KeeperStart);

using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>How many events of a table have an operation and a status.</summary>
public sealed record EventCount(TableName Table, ChangeKind Operation, string Status, long Events, Lsn FirstLsn, Lsn LastLsn);

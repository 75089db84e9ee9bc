using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>What a person wants replayed.</summary>
/// <param name="Mode">rewind, side, window or table.</param>
/// <param name="ToBatch">Rewind: back to the end of this batch.</param>
/// <param name="Before">Rewind: back to before this position; side and window: not used.</param>
/// <param name="All">Rewind: back to the empty table.</param>
/// <param name="From">Side and window: from here on.</param>
/// <param name="To">Side and window: up to here.</param>
/// <param name="Target">Side and window: the lake's table to write, namespace.table; null for one that is named after the source table.</param>
/// <param name="Where">Table: SQL over the source's columns, for the rows that are copied; null for all.</param>
public sealed record ReplayRequest(
    TableName Table, int TableId, string Mode, long? ToBatch = null, Lsn? Before = null, DateTimeOffset? BeforeTime = null, bool All = false, Lsn? From = null,
    Lsn? To = null, string? Target = null, string? Where = null);

namespace Philotes.Buffer;

/// <summary>When one table's changes are enough for a batch (the first limit that is reached), and how large the batch may be.</summary>
public sealed record TableLimits(int TableId, long RowsMin, long BytesMin, TimeSpan AgeMax, long RowsMax, long BytesMax);

using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>How far the copy of a table is.</summary>
/// <param name="State">waiting, copying, catching up, active or dropped.</param>
/// <param name="RowsExpected">The source's estimate; null until the copy started.</param>
public sealed record CopyProgress(
    int TableId,
    string Source,
    TableName Name,
    int Attempt,
    string State,
    bool Paused,
    long? RowsExpected,
    long Rows,
    long BytesExpected,
    long Bytes,
    int Ranges,
    int RangesDone,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? ErrorCode,
    string? ErrorText)
{
    public bool IsUnfinished => State is "waiting" or "copying";

    /// <summary>0 to 1, by bytes where the table has any.</summary>
    public double Ratio => State == "waiting" ? 0 : BytesExpected == 0 ? 1 : Math.Min(1, (double)Bytes / BytesExpected);
}

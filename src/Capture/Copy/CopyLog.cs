using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

internal static partial class CopyLog
{
    [LoggerMessage(1101, LogLevel.Information, "Source {Source}: taking a snapshot for {Tables} tables; this waits for the transactions that are open at the source")]
    public static partial void SnapshotIsTaken(this ILogger logger, string source, int tables);

    [LoggerMessage(1102, LogLevel.Information, "Source {Source}: tables are copied as they were at {Point}")]
    public static partial void SnapshotTaken(this ILogger logger, string source, Lsn point);

    [LoggerMessage(1103, LogLevel.Information, "Source {Source}: copying goes on from the snapshot of {Point}, which a session at the source still holds")]
    public static partial void SnapshotAdopted(this ILogger logger, string source, Lsn point);

    [LoggerMessage(1104, LogLevel.Information, "Table {Table}: its existing rows are being copied, about {Rows} in {Ranges} parts")]
    public static partial void CopyStarted(this ILogger logger, TableName table, long rows, int ranges);

    [LoggerMessage(1105, LogLevel.Information, "Table {Table}: its existing rows are in the buffer; its changes follow")]
    public static partial void CopyFinished(this ILogger logger, TableName table);

    [LoggerMessage(1106, LogLevel.Warning, "{Code}: {Reason}")]
    public static partial void CopyFailed(this ILogger logger, Exception cause, string code, string reason);

    [LoggerMessage(1107, LogLevel.Information, "Copying {Source}: {Done} of {Tables} tables, {Rows} of about {Expected} rows, {RowsPerSecond} rows/s")]
    public static partial void CopyProgresses(this ILogger logger, string source, int done, int tables, long rows, long expected, long rowsPerSecond);

    [LoggerMessage(1109, LogLevel.Warning, "Source {Source}: the copy of table number {Table} is larger than source.copy.buffer_bytes, so it becomes visible in several commits: first the truncate, then its rows")]
    public static partial void CopyInParts(this ILogger logger, string source, int table);

    [LoggerMessage(1108, LogLevel.Warning, "Copying of {Source} is held up: {Reason}. The next look is in {Delay}")]
    public static partial void CopyHeldUp(this ILogger logger, Exception cause, string source, string reason, TimeSpan delay);

    [LoggerMessage(1110, LogLevel.Warning, "{Code}: {Reason}")]
    public static partial void CopyYields(this ILogger logger, string code, string reason);
}

using Microsoft.Extensions.Logging;
using Philotes.BatchWriter.Grouping;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter;

internal static partial class WriterLog
{
    [LoggerMessage(3001, LogLevel.Debug, "Batch {BatchId} of {Table} committed as snapshot {Snapshot}: {Rows} rows, {Parked} parked, up to {Lsn}, in {Elapsed}")]
    public static partial void Committed(this ILogger logger, long batchId, TableName table, long snapshot, long rows, long parked, Lsn lsn, TimeSpan elapsed);

    [LoggerMessage(3002, LogLevel.Warning, "{Code}: batch {BatchId} failed ({Kind}, attempt {Attempt}) and is tried again in {Delay}: {Reason}")]
    public static partial void Failed(this ILogger logger, Exception exception, string code, long batchId, FailureKind kind, int attempt, TimeSpan delay, string reason);

    [LoggerMessage(3003, LogLevel.Error, "{Code}: batch {BatchId} blocked its table, and a person must decide: {Reason}")]
    public static partial void Blocked(this ILogger logger, Exception exception, string code, long batchId, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Batch {BatchId} was given up: another process has taken it over")]
    public static partial void Fenced(this ILogger logger, long batchId);

    [LoggerMessage(3005, LogLevel.Warning, "{Code}: the buffer could not be asked for batches, and is asked again in {Every}: {Reason}")]
    public static partial void BufferUnreachable(this ILogger logger, Exception exception, string code, TimeSpan every, string reason);

    [LoggerMessage(3006, LogLevel.Warning, "The failure of batch {BatchId} could not be written down; its lease will end")]
    public static partial void FailureNotRecorded(this ILogger logger, Exception exception, long batchId);

    [LoggerMessage(3007, LogLevel.Warning, "{Code}: retention failed and runs again in {Every}: {Reason}")]
    public static partial void RetentionFailed(this ILogger logger, Exception exception, string code, TimeSpan every, string reason);

    [LoggerMessage(3008, LogLevel.Warning, "{Code}: {Text}")]
    public static partial void SchemaNotice(this ILogger logger, string code, string text);

    [LoggerMessage(3009, LogLevel.Information, "{Objects} objects that nothing refers to were removed, and {Uploads} unfinished uploads were ended")]
    public static partial void OrphansRemoved(this ILogger logger, int objects, int uploads);

    [LoggerMessage(3010, LogLevel.Warning, "Orphans could not be removed; the next look is in {Every}")]
    public static partial void OrphansFailed(this ILogger logger, Exception exception, TimeSpan every);

    [LoggerMessage(3011, LogLevel.Warning, "The buffer could not be looked at for the metrics")]
    public static partial void BufferNotWatched(this ILogger logger, Exception cause);

    [LoggerMessage(3013, LogLevel.Information, "The last minute: {Batches} batches committed, {Rows} rows, {Parked} parked; {Pending} changes wait in the buffer, the oldest for {Oldest}")]
    public static partial void Minute(this ILogger logger, long batches, long rows, long parked, long pending, TimeSpan oldest);

    [LoggerMessage(3014, LogLevel.Error, "PH508: this writer runs and nothing reaches the lake: changes of {Table} have waited for {Oldest}, and no batch was committed for {Elapsed}. Look at 'philotes batches list', at the catalog and at locks in the buffer")]
    public static partial void Stalled(this ILogger logger, TableName table, TimeSpan oldest, TimeSpan elapsed);

    [LoggerMessage(3015, LogLevel.Information, "Batches reach the lake again")]
    public static partial void Delivers(this ILogger logger);

    [LoggerMessage(3016, LogLevel.Warning, "{Check} fails at the {Area}: {What}. 'philotes doctor' says what to do")]
    public static partial void CheckFails(this ILogger logger, string check, string area, string what);

    [LoggerMessage(3017, LogLevel.Warning, "Checks could not be run, and are again in {Every}")]
    public static partial void ChecksFailed(this ILogger logger, Exception cause, TimeSpan every);

    [LoggerMessage(3012, LogLevel.Warning, "{Code}: the buffer holds {Bytes} bytes of {Limit}; what is in the lake is kept for {Window} only")]
    public static partial void BufferFilling(this ILogger logger, string code, long bytes, long limit, TimeSpan window);

    [LoggerMessage(3018, LogLevel.Warning, "{Code}: retention is not run here, because this user does not own the buffer's schema: {Reason}. Run one writer as its owner, or 'philotes retention run --yes' on a schedule")]
    public static partial void RetentionNotOurs(this ILogger logger, string code, string reason);

    [LoggerMessage(3019, LogLevel.Warning, "Batch {BatchId} of {Table} is written without the table's sort order, because its rows could not be sorted within {Memory} of memory: {Reason} Nothing is lost; raise writer.memory if readers need the order")]
    public static partial void NotSorted(this ILogger logger, long batchId, TableName table, ByteSize memory, string reason);
}

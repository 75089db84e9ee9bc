using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Capture;

internal static partial class CaptureLog
{
    [LoggerMessage(1001, LogLevel.Information, "Source {Source}: slot {Slot} continues at {Lsn}, epoch {Epoch}")]
    public static partial void StreamStarted(this ILogger logger, string source, string slot, Lsn lsn, long epoch);

    [LoggerMessage(1002, LogLevel.Information, "Source {Source}: slot {Slot} is being created; this waits for the transactions that are open at the source")]
    public static partial void SlotIsCreated(this ILogger logger, string source, string slot);

    [LoggerMessage(1003, LogLevel.Information, "Source {Source}: table {Table} is captured from now on; rows committed before are not in the stream")]
    public static partial void TableTakenUp(this ILogger logger, string source, TableName table);

    [LoggerMessage(1004, LogLevel.Warning, "PH120: table {Table} has no replica identity: its inserts and truncates are captured, its updates and deletes are not. Give it a primary key, or run: alter table {Quoted} replica identity full;")]
    public static partial void TableWithoutIdentity(this ILogger logger, TableName table, string quoted);

    [LoggerMessage(1005, LogLevel.Warning, "PH120: table {Table} is published without a replica identity: the application's updates and deletes of it fail at the source. Give it a primary key, or run: alter table {Quoted} replica identity full;")]
    public static partial void PublishedTableWithoutIdentity(this ILogger logger, TableName table, string quoted);

    [LoggerMessage(1006, LogLevel.Warning, "PH111: table {Table} is no longer captured: it was dropped, or left the publication or the configuration. What is buffered of it is still written")]
    public static partial void TableGone(this ILogger logger, TableName table);

    [LoggerMessage(1007, LogLevel.Warning, "{Code}: capture of {Source} starts over in {Delay}: {Reason}")]
    public static partial void StartsOver(this ILogger logger, Exception cause, string code, string source, TimeSpan delay, string reason);

    [LoggerMessage(1008, LogLevel.Critical, "{Code}: capture of {Source} stopped: {Reason}")]
    public static partial void Blocked(this ILogger logger, string code, string source, string reason);

    [LoggerMessage(1009, LogLevel.Information, "Capture of {Source} stopped with everything up to {Lsn} durable and acknowledged")]
    public static partial void Stopped(this ILogger logger, string source, Lsn lsn);

    [LoggerMessage(1010, LogLevel.Warning, "{Code}: the publications of {Source} could not be compared with its tables, and are again in {Delay}: {Reason}")]
    public static partial void PublicationCheckFailed(this ILogger logger, Exception cause, string code, string source, TimeSpan delay, string reason);

    [LoggerMessage(1011, LogLevel.Information, "Table {Table}: schema {SchemaId} with {Columns} columns from {Lsn}")]
    public static partial void SchemaSeen(this ILogger logger, TableName table, int schemaId, int columns, Lsn lsn);

    [LoggerMessage(1013, LogLevel.Warning, "{Code}: no sign of life could be sent through {Source}; the next is tried in {Delay}: {Reason}")]
    public static partial void HeartbeatNotSent(this ILogger logger, Exception cause, string code, string source, TimeSpan delay, string reason);

    [LoggerMessage(1014, LogLevel.Error, "PH126: capture of {Source} is stalled: what the source logged at {Lsn} has not come out of the buffer for {Elapsed}. Look for a long transaction at the source, at the network between, and at the buffer")]
    public static partial void Stalled(this ILogger logger, string source, Lsn lsn, TimeSpan elapsed);

    [LoggerMessage(1012, LogLevel.Warning, "Capture of {Source} could not write its state into the buffer")]
    public static partial void StateNotWritten(this ILogger logger, Exception cause, string source);

    [LoggerMessage(1016, LogLevel.Warning, "{Code}: {Text}")]
    public static partial void SchemaNotice(this ILogger logger, string code, string text);

    [LoggerMessage(1017, LogLevel.Warning, "The source {Source} could not be looked at beside the stream")]
    public static partial void SourceNotWatched(this ILogger logger, Exception cause, string source);

    [LoggerMessage(1018, LogLevel.Error, "{Code}: the buffer holds {Bytes} bytes and its limit is {Limit}; capture waits, and the source keeps its log")]
    public static partial void BufferFull(this ILogger logger, string code, long bytes, long limit);

    [LoggerMessage(1020, LogLevel.Warning, "{Check} fails at the source {Source}: {What}. 'philotes doctor' says what to do")]
    public static partial void CheckFails(this ILogger logger, string check, string source, string what);

    [LoggerMessage(1021, LogLevel.Debug, "Flushed {Rows} row changes of {Transactions} transactions in {Chunks} chunks, {Bytes} bytes, durable up to {Lsn}, in {Elapsed}")]
    public static partial void Flushed(this ILogger logger, long rows, long transactions, int chunks, long bytes, Lsn lsn, TimeSpan elapsed);

    [LoggerMessage(1022, LogLevel.Information, "Source {Source}, the last minute: {Flushes} flushes, {Rows} row changes of {Transactions} transactions, {Bytes} bytes; durable up to {Lsn}")]
    public static partial void Minute(this ILogger logger, string source, long flushes, long rows, long transactions, long bytes, Lsn lsn);

    [LoggerMessage(1019, LogLevel.Information, "The buffer has room again: {Bytes} bytes of {Limit}")]
    public static partial void BufferHasRoom(this ILogger logger, long bytes, long limit);
}

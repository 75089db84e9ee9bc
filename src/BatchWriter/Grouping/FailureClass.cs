using Npgsql;
using Philotes.DuckDb;
using Philotes.Iceberg;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Grouping;

/// <summary>What a failed batch needs: time, a change of configuration, or a person. Decided by codes and types, never by texts.</summary>
/// <param name="Reason">What, which, what now, for a person.</param>
internal sealed record FailureClass(string Code, FailureKind Kind, string Reason)
{
    /// <summary>The table waits for a person; every other table goes on.</summary>
    public bool Block => Kind is FailureKind.Blocked or FailureKind.Bug;

    public bool Fenced => Kind == FailureKind.Fenced;

    public static FailureClass Of(Exception exception) => exception switch
    {
        PhilotesException { Code: "PH001" or "PH504" } e => new(e.Code, FailureKind.Fenced, e.Message),
        PhilotesException { Code: "PH201" or "PH220" or "PH222" or "PH302" or "PH304" or "PH405" or "PH410" } e => new(e.Code, FailureKind.Blocked, e.Message),
        PhilotesException { Code: "PH900" } e => new(e.Code, FailureKind.Bug, e.Message),
        PhilotesException { Code: "PH203" or "PH305" or "PH312" or "PH503" } e => new(e.Code, FailureKind.Configuration, e.Message),
        PhilotesException e => new(e.Code, FailureKind.Transient, e.Message),
        CatalogUnreachableException => new("PH303", FailureKind.Transient, exception.Message),
        CatalogRefusedException { Status: 401 or 403 } => new("PH312", FailureKind.Configuration, exception.Message),
        CatalogException => new("PH305", FailureKind.Configuration, exception.Message),
        ObjectStoreException { Failure: ObjectStoreFailure.NotPermitted or ObjectStoreFailure.InvalidName } => new("PH312", FailureKind.Configuration, exception.Message),
        ObjectStoreException { Failure: ObjectStoreFailure.NoBucket } => new("PH310", FailureKind.Configuration, exception.Message),
        ObjectStoreException { Failure: ObjectStoreFailure.Corrupt } => new("PH311", FailureKind.Transient, exception.Message),
        ObjectStoreException => new("PH310", FailureKind.Transient, exception.Message),
        NpgsqlException e => OfBuffer(e),
        IOException or UnauthorizedAccessException or TimeoutException or DuckDbException => new("PH313", FailureKind.Transient,
            $"The files of the batch could not be made on this machine: {exception.Message} Check that writer.temp_folder has room and may be written."),
        IcebergException => new("PH305", FailureKind.Configuration, exception.Message),
        _ => new("PH900", FailureKind.Bug, exception.Message),
    };

    /// <summary>
    /// Transient failures double from a second to five minutes; configuration is looked at every minute. A lake that is away is asked again within half a minute
    /// however long it was away, so that the way back begins when it is back: no more batches ask at once than are written at once.
    /// </summary>
    public TimeSpan Delay(int attempt) => Kind == FailureKind.Configuration
        ? TimeSpan.FromMinutes(1)
        : Backoff.Jittered(TimeSpan.FromSeconds(1), Code is "PH303" or "PH310" or "PH505" ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(5), attempt);

    private static FailureClass OfBuffer(NpgsqlException exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } e =>
            new("PH506", FailureKind.Configuration, $"The buffer refused: {e.MessageText}. Correct buffer.connection, or grant philotes_writer to its user."),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } e =>
            new("PH501", FailureKind.Transient, $"The buffer's disk is full: {e.MessageText}. Give it room, or shorten buffer.replay_window."),
        _ => new("PH505", FailureKind.Transient, $"The buffer could not be used: {exception.Message}. Check that it runs and the way to it."),
    };
}

using Npgsql;
using Philotes.DuckDb;
using Philotes.Iceberg;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Grouping;

/// <summary>What a failed batch needs: time, a change of configuration, or a person. Decided by codes and types, never by texts.</summary>
/// <param name="Block">The table waits for a person; every other table goes on.</param>
internal sealed record FailureClass(string Code, string Kind, bool Block, bool Fenced)
{
    public static FailureClass Of(Exception exception) => exception switch
    {
        PhilotesException { Code: "PH001" or "PH504" } fenced => new(fenced.Code, "fenced", Block: false, Fenced: true),
        PhilotesException { Code: "PH201" or "PH220" or "PH222" or "PH302" or "PH304" or "PH410" or "PH900" } blocked => new(blocked.Code, "blocked", Block: true, Fenced: false),
        PhilotesException { Code: "PH305" or "PH312" } refused => new(refused.Code, "configuration", Block: false, Fenced: false),
        PhilotesException coded => new(coded.Code, "transient", Block: false, Fenced: false),
        CatalogUnreachableException => new("PH303", "transient", Block: false, Fenced: false),
        CatalogException => new("PH305", "configuration", Block: false, Fenced: false),
        ObjectStoreException { Failure: ObjectStoreFailure.NotPermitted or ObjectStoreFailure.InvalidName } => new("PH312", "configuration", Block: false, Fenced: false),
        ObjectStoreException { Failure: ObjectStoreFailure.NoBucket } => new("PH310", "configuration", Block: false, Fenced: false),
        ObjectStoreException { Failure: ObjectStoreFailure.Corrupt } => new("PH311", "transient", Block: false, Fenced: false),
        ObjectStoreException => new("PH310", "transient", Block: false, Fenced: false),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidPassword } => new("PH501", "configuration", Block: false, Fenced: false),
        NpgsqlException or IOException or TimeoutException => new("PH310", "transient", Block: false, Fenced: false),
        DuckDbException => new("PH310", "transient", Block: false, Fenced: false),
        IcebergException => new("PH305", "configuration", Block: false, Fenced: false),
        _ => new("PH900", "bug", Block: true, Fenced: false),
    };

    /// <summary>Transient failures double from a second to five minutes; configuration is looked at every minute.</summary>
    public TimeSpan Delay(int attempt) => Kind == "configuration"
        ? TimeSpan.FromMinutes(1)
        : Backoff.Jittered(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), attempt);
}

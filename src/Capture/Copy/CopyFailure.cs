using System.Net.Sockets;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>What to do about a table that could not be copied. The stream and the other tables go on in any case.</summary>
/// <param name="Remedy">What becomes of the table's copy.</param>
internal sealed record CopyFailure(string Code, CopyRemedy Remedy, string Reason)
{
    public const string Fenced = "PH001";
    public const string NoSlot = "PH124";
    public const string StandbyBehind = "PH138";
    public const string SnapshotLost = "PH130";
    public const string Rewritten = "PH133";
    public const string NoRoom = "PH139";
    public const string Gone = "PH134";

    /// <summary>Null for what nobody foresaw: it ends the capture.</summary>
    public static CopyFailure? Of(Exception exception, TableName table) => exception switch
    {
        PhilotesException { Code: SnapshotLost } e => new(e.Code, CopyRemedy.NewSnapshot, e.Message),
        PhilotesException { Code: Rewritten } e => new(e.Code, CopyRemedy.Restart, e.Message),
        PhilotesException { Code: Gone } e => new(e.Code, CopyRemedy.GiveUp, e.Message),
        PhilotesException { Code: NoSlot or StandbyBehind } e => new(e.Code, CopyRemedy.Wait, $"{table} waits to be copied: {e.Message}"),
        PhilotesException { Code: "PH900" or Fenced } => null,
        PhilotesException { Code: "PH122" or "PH125" } e => new(e.Code, CopyRemedy.TrySoon, e.Message),
        PhilotesException e => new(e.Code, CopyRemedy.Wait, e.Message),
        PostgresException e => OfServer(e, table),
        NpgsqlException or IOException or SocketException or TimeoutException =>
            new("PH125", CopyRemedy.TrySoon, $"A database could not be reached while {table} was copied: {exception.Message}"),
        _ => null,
    };

    private static CopyFailure OfServer(PostgresException e, TableName table) => e.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege => new("PH121", CopyRemedy.Wait, $"{table} cannot be read: {e.MessageText}. Grant SELECT on it to the source's role, or set copy to never for it."),
        PostgresErrorCodes.UndefinedColumn => new(Rewritten, CopyRemedy.Restart, $"{table} lost a column while it was copied; it is copied again."),
        PostgresErrorCodes.LockNotAvailable => new("PH131", CopyRemedy.TrySoon, $"{table} is locked at the source by somebody else; its copy waits."),
        PostgresErrorCodes.DiskFull => new("PH501", CopyRemedy.Wait, $"A disk is full while {table} is copied: {e.MessageText}."),
        "PH004" => new("PH004", CopyRemedy.TrySoon, $"A part of {table} took so long that its place in the buffer was closed; it is copied again."),
        _ => new("PH125", CopyRemedy.TrySoon, $"A database failed with {e.SqlState} while {table} was copied: {e.MessageText}."),
    };
}

internal enum CopyRemedy
{
    /// <summary>Time heals it.</summary>
    TrySoon,

    /// <summary>A person has to act; it is looked at again from time to time.</summary>
    Wait,

    /// <summary>The table is copied again from another snapshot.</summary>
    Restart,

    /// <summary>Every unfinished table of the snapshot is copied again from another.</summary>
    NewSnapshot,

    /// <summary>There is nothing to copy any more.</summary>
    GiveUp,
}

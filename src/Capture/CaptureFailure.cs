using System.Net.Sockets;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>What to do about a failed run: wait and start over, or stop until a person acted. Decided by code, never by text.</summary>
/// <param name="Stops">True: starting over cannot help, or would lose changes.</param>
internal sealed record CaptureFailure(string Code, bool Stops, string Reason)
{
    private const string Unreachable = "PH125";

    public static CaptureFailure Of(Exception exception) => exception switch
    {
        PhilotesException { Code: "PH001" or "PH109" or "PH122" or "PH125" } e => new(e.Code, Stops: false, e.Message),
        PhilotesException e => new(e.Code, Stops: true, e.Message),
        PostgresException e => OfServer(e),
        NpgsqlException or IOException or SocketException or TimeoutException => new(Unreachable, Stops: false, $"A database could not be reached: {exception.Message}. It is tried again; check that it runs and the way to it."),
        OperationCanceledException => new(Unreachable, Stops: false, "A database did not answer in time. It is tried again."),
        _ => new("PH900", Stops: true, exception.Message),
    };

    private static CaptureFailure OfServer(PostgresException e) => e.SqlState switch
    {
        "PH001" => new("PH001", Stops: false, "Another capture has taken over this source."),
        "PH002" or "PH003" => new(e.SqlState, Stops: true, e.MessageText),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            new("PH122", Stops: false, $"A database refused the login: {e.MessageText}. Correct user, password or pg_hba.conf."),
        PostgresErrorCodes.InsufficientPrivilege => new("PH121", Stops: true, $"A permission is missing: {e.MessageText}. Grant it to the role that capture uses, at the source or in the buffer (philotes_capture)."),
        PostgresErrorCodes.ObjectInUse => new("PH109", Stops: false, $"{e.MessageText}. Waiting for it to leave."),
        PostgresErrorCodes.UndefinedObject => new("PH110", Stops: true, $"{e.MessageText}: it did not exist yet at the slot's position. Create a new slot and copy the tables again."),
        PostgresErrorCodes.DiskFull => new("PH501", Stops: false, $"The disk of a database is full: {e.MessageText}. Nothing was acknowledged, and it is tried again: give it room, or shorten buffer.replay_window."),
        _ => new(Unreachable, Stops: false, $"A database failed with {e.SqlState}: {e.MessageText}. It is tried again."),
    };
}

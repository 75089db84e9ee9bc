using System.Text.Json;
using Npgsql;
using Philotes.Buffer.Operations;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Brings the buffer's schema up to this build's scripts, forward only. Each script runs in its own transaction together with its journal
/// entry, under one advisory lock; a crash leaves the scripts before it done and the rest pending. Programs do not migrate when they
/// start: they call <see cref="RequireCurrentAsync"/> and refuse.
/// </summary>
public sealed class SchemaMigrator
{
    /// <summary>Tries of one script that ended in a deadlock.</summary>
    private const int DeadlocksMax = 10;

    private readonly NpgsqlDataSource _db;
    private readonly IReadOnlyList<SchemaScript> _scripts;

    public SchemaMigrator(NpgsqlDataSource db)
        : this(db, SchemaScript.All)
    {
    }

    internal SchemaMigrator(NpgsqlDataSource db, IReadOnlyList<SchemaScript> scripts)
    {
        _db = db;
        _scripts = scripts;
    }

    /// <summary>Runs what is pending and returns its names. PH503 when a script that ran has changed, or the database is newer than this build.</summary>
    public Task<IReadOnlyList<string>> UpAsync(CancellationToken cancellationToken = default) => UpAsync(note: null, cancellationToken);

    /// <summary>The same as somebody's deed: with the first script the audit takes a note of all that are to run, in one transaction. In a new buffer with the script that makes the audit.</summary>
    /// <param name="action">schema up or doctor --fix.</param>
    public Task<IReadOnlyList<string>> UpAsync(string action, Signature by, CancellationToken cancellationToken) =>
        UpAsync(new Note(action, by), cancellationToken);

    private async Task<IReadOnlyList<string>> UpAsync(Note? note, CancellationToken cancellationToken)
    {
        await using var connection = await _db.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, SchemaSql.Lock, cancellationToken);
        try
        {
            await ExecuteAsync(connection, SchemaSql.CreateJournal, cancellationToken);
            var status = await StatusOfAsync(connection, cancellationToken);
            Refuse(status with { Pending = [] });
            foreach (var script in _scripts.Where(script => status.Pending.Contains(script.Name)))
            {
                if (await RunThroughDeadlocksAsync(connection, script, note, status.Pending, cancellationToken))
                    note = null;
            }

            return status.Pending;
        }
        finally
        {
            await ExecuteAsync(connection, SchemaSql.Unlock, CancellationToken.None);
        }
    }

    public async Task<SchemaStatus> StatusAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = await _db.OpenConnectionAsync(cancellationToken);
        return await StatusOfAsync(connection, cancellationToken);
    }

    /// <summary>Throws PH503 unless the schema is exactly this build's.</summary>
    public async Task RequireCurrentAsync(CancellationToken cancellationToken = default) => Refuse(await StatusAsync(cancellationToken));

    private async Task<SchemaStatus> StatusOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var ran = await JournalAsync(connection, cancellationToken);
        var names = ran.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        return new SchemaStatus(
            [.. ran.Select(entry => entry.Name)],
            [.. _scripts.Where(script => !names.Contains(script.Name)).Select(script => script.Name)],
            [.. _scripts.Where(script => ran.Any(entry => entry.Name == script.Name && entry.Hash is { } hash && !hash.SequenceEqual(script.Hash)))
                .Select(script => script.Name)],
            [.. names.Except(_scripts.Select(script => script.Name), StringComparer.Ordinal)]);
    }

    private static async Task<List<(string Name, byte[]? Hash)>> JournalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand(SchemaSql.JournalExists, connection);
        var entries = new List<(string, byte[]?)>();
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return entries;
        }

        await using var command = new NpgsqlCommand(SchemaSql.Journal, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)));
        }

        return entries;
    }

    /// <summary>Whoever uses the buffer meanwhile may hold a table that the script wants next, and want one that it has: the server then ends one of the two, which changed nothing.</summary>
    /// <returns>Whether the note is taken.</returns>
    private static async Task<bool> RunThroughDeadlocksAsync(
        NpgsqlConnection connection, SchemaScript script, Note? note, IReadOnlyList<string> pending, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunAsync(connection, script, note, pending, cancellationToken);
            }
            catch (PhilotesException e) when (attempt < DeadlocksMax && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected })
            {
                // The server waited a second before it found out; the other side has what it wanted by now.
            }
        }
    }

    private static async Task<bool> RunAsync(
        NpgsqlConnection connection, SchemaScript script, Note? note, IReadOnlyList<string> pending, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, script.Text, cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new PhilotesException("PH503",
                $"Migration {script.Name} failed and changed nothing: {e.MessageText} ({e.SqlState}). Repair the cause and run 'philotes schema up' again.", e);
        }

        await using var enter = new NpgsqlCommand(SchemaSql.Enter, connection, transaction);
        enter.Parameters.AddWithValue("name", script.Name);
        enter.Parameters.AddWithValue("hash", script.Hash);
        await Failpoints.HitAsync("mig.before_journal", cancellationToken);
        await enter.ExecuteNonQueryAsync(cancellationToken);
        var noted = note is not null && await TryNoteAsync(connection, note, pending, cancellationToken);
        await Failpoints.HitAsync("mig.before_commit", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await Failpoints.HitAsync("mig.after_commit", cancellationToken);
        return noted;
    }

    /// <summary>False where there is no audit yet.</summary>
    private static async Task<bool> TryNoteAsync(NpgsqlConnection connection, Note note, IReadOnlyList<string> pending, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand(SchemaSql.AuditExists, connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return false;
        }

        await using var command = new NpgsqlCommand(SchemaSql.Note, connection);
        command.Parameters.AddWithValue("actor", note.By.Actor);
        command.Parameters.AddWithValue("action", note.Action);
        command.Parameters.AddWithValue("reason", note.By.Reason);
        command.Parameters.AddWithValue("detail", JsonSerializer.Serialize(new { runs = pending }));
        await command.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    private static void Refuse(SchemaStatus status)
    {
        if (status.Changed.Count > 0)
        {
            throw new PhilotesException("PH503",
                $"Migration {string.Join(", ", status.Changed)} ran with another text than this build's. Use the build that made this buffer.");
        }

        if (status.Unknown.Count > 0)
        {
            throw new PhilotesException("PH503",
                $"The buffer is newer than this build: it has {string.Join(", ", status.Unknown)}. Use the newer build.");
        }

        if (status.Pending.Count > 0)
        {
            throw new PhilotesException("PH503",
                $"The buffer's schema is not this build's: {string.Join(", ", status.Pending)} did not run yet. Run 'philotes schema up'.");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Note(string Action, Signature By);
}

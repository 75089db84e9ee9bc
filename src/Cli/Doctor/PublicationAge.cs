using Npgsql;
using NpgsqlTypes;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>
/// DR07: whether the slot can be decoded with the publication. A slot decodes with the catalog of the past, where a publication that is younger does not
/// exist, and only decoding says so: a free slot is peeked at, which moves nothing; one that is read is being decoded. Where nothing waits, what comes is
/// younger than the publication.
/// </summary>
static class PublicationAge
{
    const string Why = "For a change that is older than it a publication does not exist, and nothing can be captured (PH110).";

    const string Peek = """
        set local statement_timeout = '20s';
        select count(*) from pg_catalog.pg_logical_slot_peek_binary_changes(@slot, null, 1, 'proto_version', '1', 'publication_names', @publications)
        """;

    public static async Task<Finding> CheckAsync(NpgsqlDataSource source, string slot, PublicationOptions publication, CancellationToken cancellationToken)
    {
        if (await ActiveAsync(source, slot, cancellationToken) is not { } active)
            return new Finding("DR07", "source", "skip", $"slot {slot} does not exist yet", null, Why);
        if (active)
            return new Finding("DR07", "source", "ok", "the slot is read, so its publication is there", null, Why);
        string[] names = publication.Managed ? [publication.Name, $"{publication.Name}_append_only"] : [publication.Name];
        try
        {
            await PeekAsync(source, slot, names, cancellationToken);
            return new Finding("DR07", "source", "ok", "the publication is older than the first change that waits in the slot", null, Why);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedObject)
        {
            return new Finding("DR07", "source", "fail", $"for slot {slot}: {missing.MessageText}", "create the publication, then philotes source repair", Why);
        }
        catch (PostgresException refused)
        {
            return new Finding("DR07", "source", "skip", $"slot {slot} could not be peeked at: {refused.MessageText}", null, Why);
        }
    }

    static async Task PeekAsync(NpgsqlDataSource source, string slot, string[] names, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Peek, connection, transaction);
        command.Parameters.AddWithValue("slot", NpgsqlDbType.Text, slot);
        command.Parameters.AddWithValue("publications", NpgsqlDbType.Text, string.Join(',', names.Select(name => $"\"{name}\"")));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether somebody reads the slot; null when there is none.</summary>
    static async Task<bool?> ActiveAsync(NpgsqlDataSource source, string slot, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select active from pg_catalog.pg_replication_slots where slot_name = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = slot });
        return await command.ExecuteScalarAsync(cancellationToken) as bool?;
    }
}

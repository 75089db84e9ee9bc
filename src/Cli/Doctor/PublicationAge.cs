using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>
/// DR07: whether the slot can be decoded with the publication. A slot decodes with the catalog of the past, where a publication that is younger does not
/// exist, and only decoding says so: a free slot is peeked at, which moves nothing; one that is read is being decoded.
/// </summary>
static class PublicationAge
{
    const string Why = "A publication that is younger than the slot does not exist for it, and nothing can be captured (PH110).";

    const string Peek = """
        select set_config('statement_timeout', '20s', true);
        select count(*) from pg_catalog.pg_logical_slot_peek_binary_changes(@slot, null, 1, 'proto_version', '1', 'publication_names', @publications)
        """;

    public static async Task<Finding> CheckAsync(NpgsqlDataSource source, string slot, PublicationOptions publication, CancellationToken cancellationToken)
    {
        if (await ActiveAsync(source, slot, cancellationToken) is not { } active)
            return new Finding("DR07", "source", "skip", $"slot {slot} does not exist yet", null, Why);
        if (active)
            return new Finding("DR07", "source", "ok", "the slot is read, so its publication is there", null, Why);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Peek, connection, transaction);
        command.Parameters.AddWithValue("slot", NpgsqlTypes.NpgsqlDbType.Text, slot);
        command.Parameters.AddWithValue("publications", publication.Managed ? $"\"{publication.Name}\",\"{publication.Name}_append_only\"" : $"\"{publication.Name}\"");
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new Finding("DR07", "source", "ok", "the publication is older than the slot", null, Why);
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

    /// <summary>Whether somebody reads the slot; null when there is none.</summary>
    static async Task<bool?> ActiveAsync(NpgsqlDataSource source, string slot, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select active from pg_catalog.pg_replication_slots where slot_name = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = slot });
        return await command.ExecuteScalarAsync(cancellationToken) as bool?;
    }
}

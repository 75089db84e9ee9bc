using Npgsql;
using NpgsqlTypes;

namespace Philotes.Buffer;

/// <summary>Runs the checks that a server answers itself. A server that is away, or a check that it refuses, is a finding too.</summary>
public static class SqlChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlDataSource server, string area, IReadOnlyList<SqlCheck> checks, string slot, string publication, long[] tables, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (var check in checks)
        {
            try
            {
                findings.AddRange(await RunAsync(server, area, check, slot, publication, tables, cancellationToken));
            }
            catch (PostgresException refused)
            {
                findings.Add(new Finding(check.Id, area, "skip", $"{check.Title}: could not be checked: {refused.MessageText}", null, check.Why));
            }
        }
        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlDataSource server, string area, SqlCheck check, string slot, string publication, long[] tables, CancellationToken cancellationToken)
    {
        await using var command = server.CreateCommand(check.Sql);
        command.Parameters.Add(new NpgsqlParameter { Value = slot, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = publication, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = tables, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Finding> findings = [];
        while (await reader.ReadAsync(cancellationToken))
            findings.Add(new Finding(check.Id, area, reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), check.Why));
        return findings.Count > 0 ? findings : [new Finding(check.Id, area, "ok", check.Title, null, check.Why)];
    }
}

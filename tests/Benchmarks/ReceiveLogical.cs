using System.Diagnostics;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>pg_recvlogical, Postgres's own client: the limit of what can be received from a walsender and made durable in a file.</summary>
internal static class ReceiveLogical
{
    private const string Program = "/usr/lib/postgresql/15/bin/pg_recvlogical"; // Debian's postgresql-client-15

    public static async Task<string> CreateSlotAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand("select slot_name::text from pg_create_logical_replication_slot('limit_' || current_database(), 'pgoutput')");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static async Task<TimeSpan> MeasureAsync(Pipeline pipeline, string slot, string endPosition, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
            throw new InvalidOperationException($"{Program} is missing; install postgresql-client-15.");
        var connection = new NpgsqlConnectionStringBuilder(pipeline.SourceConnection);
        await using var publications = pipeline.Source.CreateCommand("select string_agg(quote_ident(pubname), ',') from pg_publication");
        var file = Path.GetTempFileName();
        var start = new ProcessStartInfo(Program)
        {
            ArgumentList =
            {
                "--host", connection.Host!, "--port", $"{connection.Port}", "--username", connection.Username!, "--dbname", connection.Database!, "--slot", slot, "--start",
                "--option", "proto_version=1", "--option", $"publication_names={await publications.ExecuteScalarAsync(cancellationToken)}", "--endpos", endPosition, "--no-loop", "--file", file,
            },
            Environment = { ["PGPASSWORD"] = connection.Password },
        };
        var elapsed = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        elapsed.Stop();
        var received = new FileInfo(file).Length;
        File.Delete(file);
        await using var drop = pipeline.Source.CreateCommand("select pg_drop_replication_slot($1)");
        drop.Parameters.AddWithValue(slot);
        await drop.ExecuteNonQueryAsync(cancellationToken);
        return process.ExitCode == 0 && received > 0 ? elapsed.Elapsed : throw new InvalidOperationException($"pg_recvlogical ended with {process.ExitCode} after {received} bytes.");
    }
}

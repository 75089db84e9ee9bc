using Npgsql;
using Philotes.Testing;

namespace Philotes.Exactness.Tests;

/// <summary>
/// Every table of the known set goes through both programs and comes back from the reference reader as it must: value by value, change by change, in
/// order. A value that Iceberg's type cannot hold is NULL and recorded; nothing else may differ.
/// </summary>
[NonParallelizable]
public sealed class KnownTablesTests
{
    /// <summary>A table whose batches fail is tried again; after this long without any progress it has stopped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string[] Right = ["exact", "recorded"];

    /// <param name="copied">The first rows are there before capture is, and are copied; else they come as inserts.</param>
    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(900_000)]
    public async Task Every_value_and_every_change_is_in_the_lake_or_recorded(bool copied, CancellationToken cancellationToken)
    {
        using var known = await KnownTables.UnpackAsync();
        await using var server = await PostgresServer.StartAsync();
        await using var buffer = await PostgresServer.StartAsync();
        await using var pipeline = await Pipeline.CreateAsync(server, buffer, new PipelineShape(
            "exact.*", "  publication: { name: exact_pub, managed: false }", "  types: { time: time }" + (copied ? "" : "\n  copy: never")), cancellationToken);
        await using var sessions = new Sessions(pipeline.SourceConnection);
        var database = new NpgsqlConnectionStringBuilder(pipeline.SourceConnection).Database!;
        await sessions.RunAsync(known.Statements("create").Select(line => (line.Session, line.Sql.Replace("\"exact_export\"", $"\"{database}\"", StringComparison.Ordinal))), cancellationToken);
        if (copied)
            await sessions.RunAsync(known.Statements("before"), cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        if (copied)
            await pipeline.CatchUpAsync(cancellationToken);
        else
            await sessions.RunAsync(known.Statements("before"), cancellationToken);
        await sessions.RunAsync(known.Statements("during"), cancellationToken);
        await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await SettledAsync(pipeline, cancellationToken);

        var dump = new LakeDump(pipeline, known);
        var unread = await dump.WriteAsync(cancellationToken);
        var behind = await LakeDump.BehindAsync(pipeline.Buffer, cancellationToken);
        var (report, verdicts) = await known.ScoreAsync(known.Tables.Where(table => copied || !NeedsCopy(table)));
        await TestContext.Out.WriteLineAsync(string.Join('\n', [report, "--- not read", .. unread, "--- behind", .. behind]));
        Assert.That(verdicts.Where(verdict => !Right.Contains(verdict.Key)), Is.Empty, "verdicts that are neither exact nor recorded");
    }

    /// <summary>Tables whose first rows are changed before capture begins: only what is there then is expected, and they cannot come as inserts.</summary>
    private static bool NeedsCopy(KnownTable table) => table.Key.StartsWith("random_", StringComparison.Ordinal);

    /// <summary>Returns when everything is in the lake, or nothing has moved for long.</summary>
    private static async Task SettledAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        var moved = DateTime.UtcNow;
        for (var committed = -1L; DateTime.UtcNow - moved < Patience;)
        {
            await using var command = pipeline.Buffer.CreateCommand("select sum(k.committed_seq)::bigint, bool_and(k.committed_seq = h.head_seq and not h.held) from philotes.table_cursor k join philotes.table_head h using (table_id)");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            if (reader.GetBoolean(1))
                return;
            if (reader.GetInt64(0) != committed)
                (committed, moved) = (reader.GetInt64(0), DateTime.UtcNow);
            await Task.Delay(200, cancellationToken);
        }
    }
}

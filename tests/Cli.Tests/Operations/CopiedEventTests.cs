using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What an operator sees of a table that is being copied: its changes wait and say for what, its rows say which part of which snapshot brought them.</summary>
[NonParallelizable]
[CancelAfter(300_000)]
public sealed class CopiedEventTests
{
    const string Filled = """
        create table t (id int primary key, pad text); insert into t select i, repeat('x', 500) from generate_series(1, 2000) i;
        create table twin (id int primary key, pad text); insert into twin select * from t;
        """;

    [Test]
    public async Task Changes_that_wait_are_found_as_held_and_copied_rows_with_their_part(CancellationToken cancellationToken)
    {
        await using var operated = await OperatedPipeline.StartAsync(
            Filled, cancellationToken, shape: new PipelineShape(Source: "  copy: { chunk_bytes: 64KiB, max_bytes_per_second: 128KiB, connections: 1 }"));
        await operated.UntilAsync("select count(*) >= 2 from philotes.copy_range where done_at is not null", cancellationToken);
        await operated.OutputAsync("snapshot", "pause", "--yes", "--reason", "to look at it");
        await operated.Pipeline.ExecuteAsync("update t set pad = 'later' where id = 7; insert into t values (5000, 'late')", cancellationToken);
        await operated.Pipeline.DurableAsync(await operated.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);

        var held = await operated.ItemsAsync("events", "find", "--table", "t", "--status", "held");
        var tail = await operated.OutputAsync("events", "tail", "--table", "t", "-n", "1");
        var counts = await operated.ItemsAsync("events", "count", "--table", "t", "--op", "insert");
        var shown = await operated.OutputAsync("events", "show", held[^1].GetProperty("position").GetString()!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(held.Select(item => item.GetProperty("operation").GetString()), Is.EqualTo(new[] { "update", "insert" }));
            Assert.That(held.Select(item => item.GetProperty("why").GetString()), Is.All.StartsWith("it waits for the table's copy, which is copying"));
            Assert.That(tail, Does.Contain("held").And.Contain("pad=late"));
            Assert.That(counts.Select(item => (item.GetProperty("status").GetString(), item.GetProperty("events").GetInt64())), Is.EqualTo(new[] { ("held", 1L) }));
            Assert.That(shown, Does.Contain("insert of public.t").And.Contain("+ id: 5000").And.Contain("none yet: held").And.Contain("it waits for the table's copy"));
        }

        await operated.OutputAsync("snapshot", "resume", "--yes", "--reason", "seen");
        await operated.Pipeline.CatchUpAsync(cancellationToken);
        var history = await operated.ItemsAsync("events", "find", "--table", "t", "--key", "7");
        var origin = history[0].GetProperty("copiedFrom");
        var position = history[0].GetProperty("position").GetString()!;
        var row = await operated.OutputAsync("events", "show", position, "--table", "t");
        var ambiguous = await operated.RunAsync("events", "show", position);
        var end = await operated.BufferAsync<long>("select end_block from philotes.copy_range join philotes.source_table using (table_id) where table_name = 't' and ordinal = 1", cancellationToken);
        var lines = (await operated.OutputAsync("events", "export", "--table", "t")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(history.Select(item => (item.GetProperty("operation").GetString(), item.GetProperty("status").GetString())), Is.EqualTo(new[] { ("read", "committed"), ("update", "committed") }));
            Assert.That((origin.GetProperty("range").GetInt64(), origin.GetProperty("firstBlock").GetInt64(), origin.GetProperty("endBlock").GetInt64()), Is.EqualTo((1L, 0L, end)));
            Assert.That(origin.GetProperty("point").GetString(), Is.EqualTo(await operated.BufferAsync<string>("select point::text from philotes.table_copy limit 1", cancellationToken)));
            Assert.That(history[1].GetProperty("copiedFrom").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null), "the stream brought it");
            Assert.That(row, Does.Contain($"part 1 of the snapshot at {origin.GetProperty("point").GetString()}, blocks 0 to {end - 1} of relation"));
            Assert.That(ambiguous.Error, Does.Contain("public.t, public.twin have a row at"));
            Assert.That(lines, Has.Length.EqualTo(2002));
        }
    }
}

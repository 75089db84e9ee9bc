using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>A snapshot needs a replication slot for a moment. On a server without a free one tables wait for it, say so, and nobody else waits with them.</summary>
[CancelAfter(300_000)]
internal sealed class CopySlotTests
{
    private const string Take = "select pg_create_physical_replication_slot('somebody_elses')";
    private const string Drop = "select pg_drop_replication_slot('somebody_elses')";

    [Test]
    public async Task A_table_that_is_added_while_every_slot_is_taken_waits_with_PH124_and_is_copied_when_one_is_free(CancellationToken token)
    {
        await using var server = await TwoSlotsAsync();
        await using var rig = await CopyRig.CreateAsync(token, server);
        await rig.ExecuteAsync("create table first (id int primary key); insert into first values (1)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await rig.ExecuteAsync(Take, token);
        await rig.ExecuteAsync("create table late (id int primary key); insert into late values (1), (2)", token);
        await WaitsAsync(rig, "late", token);

        await rig.ExecuteAsync("insert into first values (2)", token);
        await CaptureRig.UntilAsync(async () => (await rig.EventsAsync(token)).Exists(e => e.ToString() == "first i >2"), token);

        await rig.ExecuteAsync(Drop, token);
        await rig.CopiedAsync(2, token);
        Assert.That(await rig.FoldAsync("late", token), Is.EqualTo(await rig.SourceRowsAsync("late", token)));
        Assert.That(await rig.BufferAsync<bool>("select bool_and(error_code is null) from philotes.v_copy", token), Is.True, "what is over is not told any more");
    }

    [Test]
    public async Task A_first_start_that_takes_the_last_slot_streams_and_copies_when_another_is_free(CancellationToken token)
    {
        await using var server = await TwoSlotsAsync();
        await using var rig = await CopyRig.CreateAsync(token, server);
        await rig.ExecuteAsync("create table t (id int primary key); insert into t values (1)", token);
        await rig.ExecuteAsync(Take, token);
        await using var capture = await rig.StartAsync(token);
        await WaitsAsync(rig, "t", token);
        await rig.ExecuteAsync("insert into t values (2)", token);
        await rig.CaughtUpAsync(token);

        await rig.ExecuteAsync(Drop, token);
        await rig.CopiedAsync(1, token);
        await rig.ExecuteAsync("insert into t values (3)", token);
        await rig.CaughtUpAsync(token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EqualTo((string[])["t r >1", "t r >2", "t i >3"]));
    }

    [Test]
    public async Task What_holds_up_all_copies_is_told_in_one_line(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await rig.BufferAsync<object?>("do 'begin alter table philotes.copy_snapshot rename to away; end'", token);
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Log.Lines.Any(line => line.StartsWith($"Copying of {rig.Settings.SourceName} is held up: 42P01: ", StringComparison.Ordinal)
            && line.Contains("copy_snapshot", StringComparison.Ordinal) && !line.Contains('\n', StringComparison.Ordinal))), token);
    }

    private static Task<PostgresServer> TwoSlotsAsync() =>
        PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["max_replication_slots"] = "2", ["max_prepared_transactions"] = "10" });

    private static async Task WaitsAsync(CaptureRig rig, string table, CancellationToken token)
    {
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync(table, token) == "waiting PH124", token);
        var told = await rig.BufferAsync<string>($"select error_text from philotes.v_copy where table_name = '{table}'", token);
        Assert.That(told, Does.Contain(table).And.Contain("no free replication slot").And.Contain("raise max_replication_slots"));
        // The log says what the table says.
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Log.Lines.Any(line => line.Contains(told, StringComparison.Ordinal))), token);
    }
}

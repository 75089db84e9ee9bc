using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>A copy that replaces the lake's rows is seen whole or not at all, however it ends.</summary>
[CancelAfter(120_000)]
internal sealed class ResyncEndTests
{
    private const long Slow = 200_000;

    [Test]
    public async Task A_partition_that_is_dropped_meanwhile_begins_the_copy_anew(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await using var capture = await ResyncRig.CopiedAsync(rig, token, """
            create table t (id int primary key, pad text) partition by range (id);
            create table t1 partition of t for values from (1) to (201); create table t2 partition of t for values from (201) to (401);
            insert into t select i, repeat('x', 700) from generate_series(1, 400) i
            """);
        await AskAsync(rig, token);
        await rig.ExecuteAsync("drop table t2", token);

        Assert.That(await SwapsAsync(rig, token), Is.EqualTo(((long, long)[])[(1 + 200, 200)]), "the truncate and the rows that are left, once");
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
        await LedgerInvariants.CheckAsync(rig.Buffer);
    }

    [Test]
    public async Task A_table_that_is_dropped_meanwhile_keeps_its_rows_in_the_lake_and_gets_its_last_changes(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await AskAsync(rig, token);
        await rig.ExecuteAsync("update t set pad = 'last' where id = 1", token);
        await rig.ExecuteAsync("drop table t", token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "dropped PH134", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Where(change => change.Op != 'r').Select(change => change.ToString()), Is.EqualTo((string[])["t u >1|last"]));
        Assert.That((await ResyncRig.WriteAsync(rig, token)).Sum(batch => batch.RowCount), Is.EqualTo(1));
        await LedgerInvariants.CheckAsync(rig.Buffer);
    }

    [Test]
    public async Task One_that_is_cancelled_leaves_the_rows_and_lets_the_changes_go(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await AskAsync(rig, token);
        await rig.ExecuteAsync("update t set pad = 'meanwhile' where id = 2", token);
        await new Operator(rig.Buffer).CancelResyncAsync(1, ResyncRig.By, token);
        await rig.CaughtUpAsync(token);

        Assert.That(await rig.CopyOfAsync("t", token), Is.EqualTo("active"));
        Assert.That((await ResyncRig.WriteAsync(rig, token)).Sum(batch => batch.RowCount), Is.EqualTo(1));
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
        var again = await Assert.ThrowsAsync<PhilotesException>(() => new Operator(rig.Buffer).CancelResyncAsync(1, ResyncRig.By, token));
        Assert.That(again!.Code, Is.EqualTo("PH014"));
        await LedgerInvariants.CheckAsync(rig.Buffer);
    }

    [Test]
    public async Task A_first_copy_cannot_be_cancelled_by_asking_for_another(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await rig.ExecuteAsync(ResyncRig.Table, token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select count(*) from philotes.copy_range where done_at is not null", token) >= 3, token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, ResyncRig.By, token);

        var refused = await Assert.ThrowsAsync<PhilotesException>(() => new Operator(rig.Buffer).CancelResyncAsync(1, ResyncRig.By, token));
        Assert.That(refused!.Code, Is.EqualTo("PH014"));
    }

    [Test]
    public async Task Asking_for_some_rows_meanwhile_leaves_nothing_of_it(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await AskAsync(rig, token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, "id <= 10", ResyncRig.By, token);

        Assert.That(await SwapsAsync(rig, token), Is.EqualTo(((long, long)[])[(10, 10)]));
    }

    [Test]
    public async Task What_a_lost_snapshot_takes_back_are_not_the_rows_of_the_copy_before(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        await rig.ExecuteAsync(ResyncRig.Table, token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await AskAsync(rig, token);
        await rig.BufferAsync<object?>("select philotes.copy_restart(1, attempt, 'PH130', 'the snapshot is gone') from philotes.table_copy", token);

        Assert.That(await rig.BufferAsync<long>("select sum(row_count)::bigint from philotes.chunk where table_id = 1", token), Is.EqualTo(400));
        await LedgerInvariants.CheckAsync(rig.Buffer);
        Assert.That((await SwapsAsync(rig, token)).Sum(swap => swap.Reads), Is.EqualTo(800));
    }

    /// <summary>Values that the source keeps compressed: nobody can know before what they weigh in the buffer.</summary>
    [Test]
    public async Task One_that_fills_the_buffer_gives_way_to_the_stream_and_waits_for_what_it_has_shown_to_need(CancellationToken token)
    {
        await using var rig = await SlowAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BytesPerSecondMax = null } };
        await using (var first = await ResyncRig.CopiedAsync(rig, token, "create table t (id int primary key, pad text); insert into t select i, repeat('x', 6000) from generate_series(1, 2400) i; create table other (id int primary key)"))
        {
            await first.StopAsync();
        }

        await new Retention(rig.Buffer).RunAsync(new RetentionOptions(), token);
        var roomy = rig.Settings;
        rig.Settings = roomy with { BufferBytesMax = await BufferSize.ReadAsync(rig.Buffer, token) + 6_000_000, Copy = roomy.Copy with { BytesPerSecondMax = 5 * Slow } };
        await using (var full = await rig.StartAsync(token))
        {
            await new Operator(rig.Buffer).ResyncTableAsync(await rig.BufferAsync<int>("select table_id from philotes.source_table where table_name = 't'", token), predicate: null, ResyncRig.By, token);
            await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "waiting PH139", token);
            await rig.ExecuteAsync("insert into other values (1)", token);
            await CaptureRig.UntilAsync(
                async () =>
                {
                    await new Retention(rig.Buffer).RunAsync(new RetentionOptions(), token);
                    return await rig.BufferAsync<long>("select count(*) from philotes.v_event where table_name = 'other'", token) == 1;
                },
                token);
            Assert.That(await rig.BufferAsync<long?>("select needs_bytes from philotes.table_copy c join philotes.source_table t using (table_id) where t.table_name = 't'", token), Is.InRange(12_000_000, 20_000_000));
            Assert.That((await ResyncRig.WriteAsync(rig, token)).Sum(batch => batch.RowCount), Is.EqualTo(1), "of the copy nothing");
            await full.StopAsync();
        }

        rig.Settings = roomy;
        await using var capture = await rig.StartAsync(token);
        Assert.That(await SwapsAsync(rig, token), Is.EqualTo(((long, long)[])[(1 + 2400, 2400)]));
    }

    private static async Task<CaptureRig> SlowAsync(CancellationToken token)
    {
        var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Connections = 1, BytesPerSecondMax = Slow } };
        return rig;
    }

    /// <summary>Asks for another copy and waits until some of it is in the buffer.</summary>
    private static async Task AskAsync(CaptureRig rig, CancellationToken token)
    {
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, ResyncRig.By, token);
        await ResyncRig.PublishedAsync(rig, token);
    }

    /// <summary>The batches with copied rows that a writer gets until the copy is through.</summary>
    private static async Task<List<(long Rows, long Reads)>> SwapsAsync(CaptureRig rig, CancellationToken token)
    {
        var swaps = new List<(long Rows, long Reads)>();
        var isThrough = false;
        while (!isThrough)
        {
            isThrough = await rig.CopyOfAsync("t", token) == "active";
            foreach (var batch in await ResyncRig.WriteAsync(rig, token))
            {
                if (await ResyncRig.ReadsAsync(rig, batch, token) is > 0 and var reads)
                {
                    swaps.Add((batch.RowCount, reads));
                }
            }

            await Task.Delay(20, token);
        }

        return swaps;
    }
}

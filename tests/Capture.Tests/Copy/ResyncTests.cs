using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>A table that is copied again: who reads the lake has the old rows until the new ones are all there.</summary>
[CancelAfter(180_000)]
internal sealed class ResyncTests
{
    [Test]
    public async Task The_truncate_and_every_row_are_one_batch_which_nobody_may_claim_before_the_last_row_is_there(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BytesPerSecondMax = 100_000, BufferBytes = 1 << 20 } };
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await rig.ExecuteAsync("update t set pad = 'before' where id = 1", token);
        await rig.CaughtUpAsync(token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, ResyncRig.By, token);
        await rig.ExecuteAsync("update t set pad = 'meanwhile' where id = 2", token);

        var batches = new List<ClaimedBatch>();
        do
        {
            batches.AddRange(await ResyncRig.WriteAsync(rig, token));
            await Task.Delay(20, token);
        }
        while (await rig.CopyOfAsync("t", token) != "active");

        Assert.That(batches, Has.Count.GreaterThan(0), "changes from before are not kept waiting");
        await rig.ExecuteAsync("update t set pad = 'after' where id = 3", token);
        await rig.CaughtUpAsync(token);
        batches.AddRange(await ResyncRig.WriteAsync(rig, token));
        var swaps = new List<(long Rows, long Reads)>();
        foreach (var batch in batches)
        {
            swaps.Add((batch.RowCount, await ResyncRig.ReadsAsync(rig, batch, token)));
        }

        Assert.That(swaps.Where(swap => swap.Reads > 0), Is.EqualTo(((long, long)[])[(1 + 400, 400)]), "the truncate and the rows");
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task A_table_larger_than_the_budget_is_replaced_in_one_batch_too_and_what_a_lost_snapshot_left_of_it_is_never_seen(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BufferBytes = 100_000, BytesPerSecondMax = 100_000 } };
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, ResyncRig.By, token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select count(*) from philotes.copy_range r join philotes.table_copy c using (table_id, attempt) where c.state = 'copying' and done_at is not null", token) >= 3, token);
        Assert.That(await rig.BufferAsync<long>("select count(*) from philotes.chunk c join philotes.table_cursor k using (table_id) where c.copied and c.table_seq > k.committed_seq", token), Is.GreaterThan(0));
        await rig.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()", token);
        await rig.ExecuteAsync("update t set pad = 'between' where id = 1", token);
        await rig.BufferAsync<object?>("select philotes.copy_restart(1, attempt, 'PH130', 'the snapshot is gone') from philotes.table_copy", token);

        var swaps = new List<(long Rows, long Reads)>();
        while (await rig.CopyOfAsync("t", token) != "active")
        {
            await TakeAsync();
            await Task.Delay(20, token);
        }

        await TakeAsync();
        Assert.That(swaps.Where(swap => swap.Reads > 0), Is.EqualTo(((long, long)[])[(1 + 400, 400)]), "the truncate and the rows, once");
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
        await LedgerInvariants.CheckAsync(rig.Buffer);

        async Task TakeAsync()
        {
            foreach (var batch in await ResyncRig.WriteAsync(rig, token))
            {
                swaps.Add((batch.RowCount, await ResyncRig.ReadsAsync(rig, batch, token)));
            }
        }
    }

    [Test]
    public async Task A_table_that_the_buffer_has_no_room_for_waits_and_says_what_it_needs(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await using (var first = await ResyncRig.CopiedAsync(rig, token))
        {
            await first.StopAsync();
        }

        rig.Settings = rig.Settings with { BufferBytesMax = await rig.BufferAsync<long>("select pg_database_size(current_database())", token) + 500_000 };
        await using var capture = await rig.StartAsync(token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, ResyncRig.By, token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<bool>("select error_code = 'PH139' from philotes.table_copy where error_code is not null union all select false limit 1", token), token);

        Assert.That(await rig.BufferAsync<string>("select error_text from philotes.table_copy", token), Does.Contain("--where"));
        Assert.That(await rig.CopyOfAsync("t", token), Is.EqualTo("waiting PH139"));
    }

    [Test]
    public async Task A_first_copy_that_begins_again_and_is_larger_than_the_budget_goes_on_in_parts_and_says_so(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BufferBytes = 100_000 } };
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await AskAsFirstAsync(rig, token);
        while (await rig.CopyOfAsync("t", token) != "active")
        {
            await ResyncRig.WriteAsync(rig, token);
            await Task.Delay(20, token);
        }

        Assert.That(rig.Log.Lines, Has.Some.Contains("larger than source.copy.buffer_bytes"));
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task A_blocked_table_that_fills_half_of_the_budget_holds_up_no_other_copy(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BufferBytes = 500_000 } };
        await using var capture = await ResyncRig.CopiedAsync(rig, token);
        await rig.ExecuteAsync("create table blocked (id int primary key, pad text); insert into blocked select * from t", token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("blocked", token) == "active", token);
        await rig.BufferAsync<object?>("do 'begin update philotes.table_cursor set state = $s$blocked$s$ where table_id = 2; end'", token);
        await AskAsFirstAsync(rig, token);
        while (await rig.CopyOfAsync("t", token) != "active")
        {
            await ResyncRig.WriteAsync(rig, token);
            await Task.Delay(20, token);
        }

        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    /// <summary>As a first copy that lost its snapshot: nobody was promised one commit.</summary>
    private static Task<object?> AskAsFirstAsync(CaptureRig rig, CancellationToken token) => rig.BufferAsync<object?>(
        "do 'begin perform philotes.copy_ask(1, null); update philotes.table_copy set whole = false where table_id = 1; end'", token);
}

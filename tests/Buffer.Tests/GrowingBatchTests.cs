using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

/// <summary>What the ledger lets a batch of copied rows do: begin early, take what follows, and stand in the ledger as what it has grown to.</summary>
internal sealed class GrowingBatchTests : OneTableTests
{
    private const long Begin = 16L << 20;
    private const long Whole = 100L << 20;

    private ulong _lsn = 10;

    [SetUp]
    public Task PrepareAsync() => Buffer.ExecuteAsync($"insert into philotes.table_copy (table_id, state, claim_bytes) values ({Table}, 'copying', {Whole}); update philotes.table_head set held = true");

    [TearDown]
    public Task CheckAsync() => LedgerInvariants.CheckAsync(Buffer.Db);

    [Test]
    public async Task It_begins_when_there_is_enough_to_begin_with_and_takes_what_follows_up_to_the_size_of_a_claim()
    {
        await CopiedAsync(Begin - 1);
        Assert.That(await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
        await CopiedAsync(1);
        var batch = await ClaimAsync();
        Assert.That(await Buffer.Ledger.GrowAsync(batch, last: false), Is.EqualTo((batch, true)), "nothing has come, more may");

        await CopiedAsync(Begin);
        await CopiedAsync(Begin);
        var (grown, more) = await Buffer.Ledger.GrowAsync(batch, last: false);
        await CopiedAsync(Whole);
        var (full, moreBehindAFullOne) = await Buffer.Ledger.GrowAsync(grown, last: false);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((grown.FromSequence, grown.ToSequence, grown.RowCount, grown.ByteCount, more), Is.EqualTo((1, 4, 12, 3 * Begin, true)));
            Assert.That((full, moreBehindAFullOne), Is.EqualTo((grown, false)));
            Assert.That(await Buffer.Ledger.StageAsync(batch, "[]", 1, Guid.NewGuid()), Is.False, "what it was before cannot be staged any more");
        }

        await Buffer.CommitAsync(grown, 1);
        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(5));
    }

    [Test]
    public async Task A_later_claim_of_it_has_all_that_it_has_grown_to_and_the_earlier_one_is_refused()
    {
        await CopiedAsync(Begin);
        var batch = (await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits with { Lease = TimeSpan.Zero }))!;
        await CopiedAsync(Begin);
        var (grown, _) = await Buffer.Ledger.GrowAsync(batch, last: false);

        var later = await ClaimAsync();
        var failure = await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.GrowAsync(grown, last: false));

        Assert.That((later.BatchId, later.FromSequence, later.ToSequence, later.RowCount, failure!.Code), Is.EqualTo((batch.BatchId, 1, 2, 6, "PH001")));
    }

    [Test]
    public async Task It_ends_with_the_copy_and_takes_no_change_of_the_stream()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        await CopiedAsync(5);
        await Buffer.ExecuteAsync("update philotes.table_copy set state = 'active'; update philotes.table_head set held = false");
        await Buffer.FlushAsync(Table, Schema, ++_lsn);

        var (grown, more) = await Buffer.Ledger.GrowAsync(batch, last: false);

        Assert.That((grown.ToSequence, more), Is.EqualTo((2, false)));
    }

    [Test]
    public async Task Once_it_waited_in_vain_batches_of_the_copy_are_claimed_whole()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        Assert.That(await Buffer.Ledger.GrowAsync(batch, last: true), Is.EqualTo((batch, false)));
        await Buffer.CommitAsync(batch, 1);

        await CopiedAsync(2 * Begin);
        Assert.That(await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
        await CopiedAsync(Whole - (2 * Begin));
        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task A_copy_that_replaces_is_not_begun_early_and_nothing_grows_into_it()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        await Buffer.ExecuteAsync("update philotes.table_copy set claim_bytes = philotes.never_bytes()");
        await CopiedAsync(Begin);

        Assert.That(await Buffer.Ledger.GrowAsync(batch, last: false), Is.EqualTo((batch, false)));
        await Buffer.CommitAsync(batch, 1);
        Assert.That(await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
    }

    [Test]
    public async Task One_whose_commit_may_still_land_stays_what_it_was()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        await Buffer.Ledger.StageAsync(batch, "[]", 1, Guid.NewGuid());
        await Buffer.ExecuteAsync("update philotes.batch set state = 'failed'");
        await Buffer.ScalarAsync<string>($"select philotes.retry_batch({batch.BatchId}, true, 'a test', null)");
        await CopiedAsync(Begin);

        var again = await ClaimAsync();
        var (grown, more) = await Buffer.Ledger.GrowAsync(again, last: false);

        Assert.That((again.ToSequence, grown.ToSequence, more), Is.EqualTo((1, 1, false)), "the table's mark would name what was sent first");
    }

    /// <summary>A chunk of copied rows that weighs so much.</summary>
    private async Task CopiedAsync(long bytes)
    {
        await Buffer.ExecuteAsync("update philotes.table_head set held = false");
        await Buffer.FlushAsync(Table, Schema, ++_lsn);
        await Buffer.ExecuteAsync($"""
            update philotes.chunk set copied = true, byte_count = {bytes} where table_seq = (select max(table_seq) from philotes.chunk);
            update philotes.table_head set held = true
            """);
    }

    private async Task<ClaimedBatch> ClaimAsync() => (await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits))!;
}

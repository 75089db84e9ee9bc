using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

/// <summary>What the ledger lets a batch of copied rows do: begin early, take what follows, and stand in the ledger as what it has grown to.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GrowingBatchTests
{
    private const long Begin = 16L << 20;
    private const long Whole = 100L << 20;

    private BufferFixture _buffer = null!;
    private int _table;
    private int _schema;
    private ulong _lsn = 10;

    [SetUp]
    public async Task CreateAsync()
    {
        _buffer = await BufferFixture.CreateAsync();
        (_table, _schema) = await _buffer.TableAsync();
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "test");
        await _buffer.ExecuteAsync($"insert into philotes.table_copy (table_id, state, claim_bytes) values ({_table}, 'copying', {Whole}); update philotes.table_head set held = true");
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await LedgerInvariants.CheckAsync(_buffer.Db);
        await _buffer.DisposeAsync();
    }

    [Test]
    public async Task It_begins_when_there_is_enough_to_begin_with_and_takes_what_follows_up_to_the_size_of_a_claim()
    {
        await CopiedAsync(Begin - 1);
        Assert.That(await _buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
        await CopiedAsync(1);
        var batch = await ClaimAsync();
        Assert.That(await _buffer.Ledger.GrowAsync(batch, last: false), Is.EqualTo((batch, true)), "nothing has come, more may");

        await CopiedAsync(Begin);
        await CopiedAsync(Begin);
        var (grown, more) = await _buffer.Ledger.GrowAsync(batch, last: false);
        await CopiedAsync(Whole);
        var (full, moreBehindAFullOne) = await _buffer.Ledger.GrowAsync(grown, last: false);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((grown.FromSequence, grown.ToSequence, grown.RowCount, grown.ByteCount, more), Is.EqualTo((1, 4, 12, 3 * Begin, true)));
            Assert.That((full, moreBehindAFullOne), Is.EqualTo((grown, false)));
            Assert.That(await _buffer.Ledger.StageAsync(batch, "[]", 1, Guid.NewGuid()), Is.False, "what it was before cannot be staged any more");
        }

        await _buffer.CommitAsync(grown, 1);
        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(5));
    }

    [Test]
    public async Task A_later_claim_of_it_has_all_that_it_has_grown_to_and_the_earlier_one_is_refused()
    {
        await CopiedAsync(Begin);
        var batch = (await _buffer.Ledger.ClaimAsync("test", BufferFixture.Limits with { Lease = TimeSpan.Zero }))!;
        await CopiedAsync(Begin);
        var (grown, _) = await _buffer.Ledger.GrowAsync(batch, last: false);

        var later = await ClaimAsync();
        var failure = await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.GrowAsync(grown, last: false));

        Assert.That((later.BatchId, later.FromSequence, later.ToSequence, later.RowCount, failure!.Code), Is.EqualTo((batch.BatchId, 1, 2, 6, "PH001")));
    }

    [Test]
    public async Task It_ends_with_the_copy_and_takes_no_change_of_the_stream()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        await CopiedAsync(5);
        await _buffer.ExecuteAsync("update philotes.table_copy set state = 'active'; update philotes.table_head set held = false");
        await _buffer.FlushAsync(_table, _schema, ++_lsn);

        var (grown, more) = await _buffer.Ledger.GrowAsync(batch, last: false);

        Assert.That((grown.ToSequence, more), Is.EqualTo((2, false)));
    }

    [Test]
    public async Task Once_it_waited_in_vain_batches_of_the_copy_are_claimed_whole()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        Assert.That(await _buffer.Ledger.GrowAsync(batch, last: true), Is.EqualTo((batch, false)));
        await _buffer.CommitAsync(batch, 1);

        await CopiedAsync(2 * Begin);
        Assert.That(await _buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
        await CopiedAsync(Whole - (2 * Begin));
        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task A_copy_that_replaces_is_not_begun_early_and_nothing_grows_into_it()
    {
        await CopiedAsync(Begin);
        var batch = await ClaimAsync();
        await _buffer.ExecuteAsync("update philotes.table_copy set claim_bytes = philotes.never_bytes()");
        await CopiedAsync(Begin);

        Assert.That(await _buffer.Ledger.GrowAsync(batch, last: false), Is.EqualTo((batch, false)));
        await _buffer.CommitAsync(batch, 1);
        Assert.That(await _buffer.Ledger.ClaimAsync("test", BufferFixture.Limits), Is.Null);
    }

    /// <summary>A chunk of copied rows that weighs so much.</summary>
    private async Task CopiedAsync(long bytes)
    {
        await _buffer.ExecuteAsync("update philotes.table_head set held = false");
        await _buffer.FlushAsync(_table, _schema, ++_lsn);
        await _buffer.ExecuteAsync($"""
            update philotes.chunk set copied = true, byte_count = {bytes} where table_seq = (select max(table_seq) from philotes.chunk);
            update philotes.table_head set held = true
            """);
    }

    private async Task<ClaimedBatch> ClaimAsync() => (await _buffer.Ledger.ClaimAsync("test", BufferFixture.Limits))!;
}

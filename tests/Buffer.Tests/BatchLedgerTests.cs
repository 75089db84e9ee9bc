using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

internal sealed class BatchLedgerTests : OneTableTests
{
    private static readonly ClaimLimits Gone = BufferFixture.Limits with { Lease = TimeSpan.Zero };

    [TearDown]
    public Task CheckAsync() => LedgerInvariants.CheckAsync(Buffer.Db);

    [Test]
    public async Task A_batch_never_ends_inside_of_a_source_transaction()
    {
        await Buffer.FlushAsync(Table, Schema, 10, rows: 5);
        await Buffer.Appender.FlushAsync(
            [
                Buffer.Chunk(Table, Schema, 20, rows: 5, open: true), Buffer.Chunk(Table, Schema, 20, rows: 5, open: true),
                Buffer.Chunk(Table, Schema, 20, rows: 5),
            ],
            new Lsn(20));
        await Buffer.FlushAsync(Table, Schema, 30, rows: 5);

        var first = await ClaimAsync(BufferFixture.Limits with { RowsMax = 6 });
        await Buffer.CommitAsync(first, 1);
        var second = await ClaimAsync(BufferFixture.Limits with { RowsMax = 6 });

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.FromSequence, first.ToSequence), Is.EqualTo((1, 1)));
            Assert.That((second.FromSequence, second.ToSequence, second.RowCount), Is.EqualTo((2, 4, 15)), "whole, although above the limit");
        }
    }

    [Test]
    public async Task A_batch_is_of_one_schema()
    {
        var later = await Buffer.Registry.EnsureSchemaAsync(Table, BufferFixture.Schema(16400, "orders", "id", "note", "more"), new Lsn(20), default);
        await Buffer.FlushAsync(Table, Schema, 10);
        await Buffer.FlushAsync(Table, later, 20);
        await Buffer.FlushAsync(Table, later, 30);

        var first = await ClaimAsync();
        await Buffer.CommitAsync(first, 1);
        var second = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.SchemaId, first.ToSequence), Is.EqualTo((Schema, 1)));
            Assert.That((second.SchemaId, second.FromSequence, second.ToSequence), Is.EqualTo((later, 2, 3)));
        }
    }

    [Test]
    public async Task One_batch_of_a_table_is_in_flight_at_a_time()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await ClaimAsync();
        await Buffer.FlushAsync(Table, Schema, 20);

        Assert.That(await Buffer.Ledger.ClaimAsync("other", BufferFixture.Limits), Is.Null);
    }

    [Test]
    public async Task Few_and_young_rows_are_left_until_they_are_old_enough()
    {
        await Buffer.FlushAsync(Table, Schema, 10);

        var patient = BufferFixture.Limits with { RowsMin = 100, AgeMax = TimeSpan.FromDays(100_000) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Buffer.Ledger.ClaimAsync("w", patient), Is.Null);
            Assert.That(await Buffer.Ledger.ClaimAsync("w", patient with { AgeMax = TimeSpan.FromMilliseconds(1) }), Is.Not.Null);
        }
    }

    [Test]
    public async Task Many_workers_take_each_chunk_exactly_once_and_in_order()
    {
        var tables = new List<(int Table, int Schema)> { (Table, Schema) };
        for (var i = 1u; i < 6; i++)
        {
            tables.Add(await Buffer.TableAsync(16400 + i, $"t{i}"));
        }

        for (var flush = 1ul; flush <= 30; flush++)
        {
            await Buffer.Appender.FlushAsync([.. tables.Select(t => Buffer.Chunk(t.Table, t.Schema, flush, rows: 2))], new Lsn(flush));
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => WorkAsync($"w{worker}")));

        Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.table_cursor where committed_seq = 30 and rows_out = 60"), Is.EqualTo(6));
    }

    [Test]
    public async Task A_lease_that_ended_is_taken_over_and_its_old_holder_is_refused_everything()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var old = await ClaimAsync(Gone);

        var heir = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((heir.BatchId, heir.Attempt), Is.EqualTo((old.BatchId, 2)));
            Assert.That(heir.Token, Is.GreaterThan(old.Token));
            Assert.That(await Buffer.Ledger.RenewAsync(old, TimeSpan.FromMinutes(1)), Is.False);
            Assert.That(await Buffer.Ledger.StageAsync(old, "{}", 5, Guid.NewGuid()), Is.False);
            Assert.That(await Buffer.Ledger.FailAsync(old, "PH310", "gone", TimeSpan.Zero, false), Is.False);
            Assert.That(await Buffer.Ledger.CommitTurnAsync(old), Is.Null);
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.FinishAsync(old, 5)))!.Code, Is.EqualTo("PH001"));
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.ParkAsync(old, [])))!.Code, Is.EqualTo("PH001"));
            Assert.That(await Buffer.Ledger.RenewAsync(heir, TimeSpan.FromMinutes(1)), Is.True);
        }
    }

    [Test]
    public async Task What_was_staged_is_found_by_the_successor()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var old = await ClaimAsync(Gone);
        var request = Guid.NewGuid();
        await Buffer.Ledger.StageAsync(old, """{"files": ["a"]}""", 42, request);

        var heir = await ClaimAsync();

        Assert.That((heir.State, heir.Files, heir.SnapshotId, heir.RequestId), Is.EqualTo(("committing", """{"files": ["a"]}""", 42L, request)));
    }

    [Test]
    public async Task A_staged_batch_that_was_taken_over_is_not_finished_by_its_old_holder()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var old = await ClaimAsync(Gone);
        await Buffer.Ledger.StageAsync(old, "{}", 42, Guid.NewGuid());
        var heir = await ClaimAsync();

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.FinishAsync(old, 42)))!.Code, Is.EqualTo("PH001"));
        await Buffer.Ledger.FinishAsync(heir, 42);
    }

    [Test]
    public async Task A_batch_is_finished_only_after_it_was_staged()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var batch = await ClaimAsync();

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.FinishAsync(batch, 5)))!.Code, Is.EqualTo("PH001"));
    }

    [Test]
    public async Task Batches_of_a_table_finish_in_order()
    {
        await Buffer.ExecuteAsync("update philotes.table_cursor set max_in_flight = 2");
        await Buffer.FlushAsync(Table, Schema, 10);
        await Buffer.FlushAsync(Table, Schema, 20);
        var first = await ClaimAsync(BufferFixture.Limits with { RowsMax = 1 });
        var second = await ClaimAsync(BufferFixture.Limits with { RowsMax = 1 });
        await Buffer.Ledger.StageAsync(second, "{}", 2, Guid.NewGuid());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Buffer.Ledger.CommitTurnAsync(second), Is.False);
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Ledger.FinishAsync(second, 2)))!.Code, Is.EqualTo("PH003"));
        }

        await Buffer.CommitAsync(first, 1);
        Assert.That(await Buffer.Ledger.CommitTurnAsync(second), Is.True);
        await Buffer.Ledger.FinishAsync(second, 2);
    }

    [Test]
    public async Task A_failed_batch_waits_its_delay_and_keeps_what_was_staged()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var batch = await ClaimAsync();
        await Buffer.Ledger.StageAsync(batch, "{}", 9, Guid.NewGuid());
        await Buffer.Ledger.FailAsync(batch, "PH310", "store unreachable", TimeSpan.FromHours(1), block: false);

        Assert.That(await Buffer.Ledger.ClaimAsync("w", BufferFixture.Limits), Is.Null);
        await Buffer.ExecuteAsync("update philotes.batch set next_try_at = now()");
        Assert.That((await ClaimAsync()).State, Is.EqualTo("committing"));
    }

    [Test]
    public async Task A_blocked_table_waits_and_the_others_go_on()
    {
        var (other, otherSchema) = await Buffer.TableAsync(16500, "other");
        await Buffer.FlushAsync(Table, Schema, 10);
        var batch = await ClaimAsync();
        await Buffer.Ledger.FailAsync(batch, "PH302", "mark mismatch", TimeSpan.Zero, block: true);
        await Buffer.FlushAsync(Table, Schema, 20);
        await Buffer.FlushAsync(other, otherSchema, 20);

        var next = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(next.TableId, Is.EqualTo(other));
            Assert.That(await Buffer.Ledger.ClaimAsync("w", BufferFixture.Limits), Is.Null);
            Assert.That(await Buffer.ScalarAsync<string>($"select state || ' ' || state_reason from philotes.table_cursor where table_id = {Table}"),
                Is.EqualTo("blocked PH302"));
        }
    }

    [Test]
    public async Task A_rewound_table_is_claimed_again_from_where_it_went_back_to()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await Buffer.CommitAsync(await ClaimAsync(), 1);
        await Buffer.FlushAsync(Table, Schema, 20);
        await Buffer.CommitAsync(await ClaimAsync(), 2);
        await Buffer.ExecuteAsync("update philotes.table_cursor set state = 'paused'");

        await Buffer.ExecuteAsync($"select philotes.rewind_table({Table}, 1, 'test')");
        await Buffer.ExecuteAsync("update philotes.table_cursor set state = 'active'");

        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task Value_exceptions_are_recorded_once_per_value()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var batch = await ClaimAsync();
        var value = new ValueException(1, 4294967297, 0, new Lsn(10), 0, "amount", "NaN", "PH401");

        await Buffer.Ledger.RecordValueExceptionsAsync(batch, [value]);
        await Buffer.Ledger.RecordValueExceptionsAsync(batch, [value]);

        Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.value_exception where original = 'NaN'"), Is.EqualTo(1));
    }

    private async Task WorkAsync(string name)
    {
        while (await Buffer.Ledger.ClaimAsync(name, BufferFixture.Limits with { RowsMax = 8 }) is { } batch)
        {
            await Buffer.CommitAsync(batch, batch.BatchId);
        }
    }

    private async Task<ClaimedBatch> ClaimAsync(ClaimLimits? limits = null) =>
        await Buffer.Ledger.ClaimAsync("w", limits ?? BufferFixture.Limits) ?? throw new AssertionException("Nothing was claimed.");
}

using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BatchLedgerTests
{
    private static readonly ClaimLimits Gone = BufferFixture.Limits with { Lease = TimeSpan.Zero };
    private BufferFixture _buffer = null!;
    private int _table;
    private int _schema;

    [SetUp]
    public async Task CreateAsync()
    {
        _buffer = await BufferFixture.CreateAsync();
        (_table, _schema) = await _buffer.TableAsync();
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "test");
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await LedgerInvariants.CheckAsync(_buffer.Db);
        await _buffer.DisposeAsync();
    }

    [Test]
    public async Task A_batch_never_ends_inside_of_a_source_transaction()
    {
        await _buffer.FlushAsync(_table, _schema, 10, rows: 5);
        await _buffer.Appender.FlushAsync(
            [
                _buffer.Chunk(_table, _schema, 20, rows: 5, open: true), _buffer.Chunk(_table, _schema, 20, rows: 5, open: true),
                _buffer.Chunk(_table, _schema, 20, rows: 5),
            ],
            new Lsn(20));
        await _buffer.FlushAsync(_table, _schema, 30, rows: 5);

        var first = await ClaimAsync(BufferFixture.Limits with { RowsMax = 6 });
        await _buffer.CommitAsync(first, 1);
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
        var later = await _buffer.Registry.EnsureSchemaAsync(_table, BufferFixture.Schema(16400, "orders", "id", "note", "more"), new Lsn(20), default);
        await _buffer.FlushAsync(_table, _schema, 10);
        await _buffer.FlushAsync(_table, later, 20);
        await _buffer.FlushAsync(_table, later, 30);

        var first = await ClaimAsync();
        await _buffer.CommitAsync(first, 1);
        var second = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.SchemaId, first.ToSequence), Is.EqualTo((_schema, 1)));
            Assert.That((second.SchemaId, second.FromSequence, second.ToSequence), Is.EqualTo((later, 2, 3)));
        }
    }

    [Test]
    public async Task One_batch_of_a_table_is_in_flight_at_a_time()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        await ClaimAsync();
        await _buffer.FlushAsync(_table, _schema, 20);

        Assert.That(await _buffer.Ledger.ClaimAsync("other", BufferFixture.Limits), Is.Null);
    }

    [Test]
    public async Task Few_and_young_rows_are_left_until_they_are_old_enough()
    {
        await _buffer.FlushAsync(_table, _schema, 10);

        var patient = BufferFixture.Limits with { RowsMin = 100, AgeMax = TimeSpan.FromDays(100_000) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _buffer.Ledger.ClaimAsync("w", patient), Is.Null);
            Assert.That(await _buffer.Ledger.ClaimAsync("w", patient with { AgeMax = TimeSpan.FromMilliseconds(1) }), Is.Not.Null);
        }
    }

    [Test]
    public async Task Many_workers_take_each_chunk_exactly_once_and_in_order()
    {
        var tables = new List<(int Table, int Schema)> { (_table, _schema) };
        for (var i = 1u; i < 6; i++)
        {
            tables.Add(await _buffer.TableAsync(16400 + i, $"t{i}"));
        }

        for (var flush = 1ul; flush <= 30; flush++)
        {
            await _buffer.Appender.FlushAsync([.. tables.Select(t => _buffer.Chunk(t.Table, t.Schema, flush, rows: 2))], new Lsn(flush));
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => WorkAsync($"w{worker}")));

        Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.table_cursor where committed_seq = 30 and rows_out = 60"), Is.EqualTo(6));
    }

    [Test]
    public async Task A_lease_that_ended_is_taken_over_and_its_old_holder_is_refused_everything()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var old = await ClaimAsync(Gone);

        var heir = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((heir.BatchId, heir.Attempt), Is.EqualTo((old.BatchId, 2)));
            Assert.That(heir.Token, Is.GreaterThan(old.Token));
            Assert.That(await _buffer.Ledger.RenewAsync(old, TimeSpan.FromMinutes(1)), Is.False);
            Assert.That(await _buffer.Ledger.StageAsync(old, "{}", 5, Guid.NewGuid()), Is.False);
            Assert.That(await _buffer.Ledger.FailAsync(old, "PH310", "gone", TimeSpan.Zero, false), Is.False);
            Assert.That(await _buffer.Ledger.CommitTurnAsync(old), Is.Null);
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.FinishAsync(old, 5)))!.Code, Is.EqualTo("PH001"));
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.ParkAsync(old, [])))!.Code, Is.EqualTo("PH001"));
            Assert.That(await _buffer.Ledger.RenewAsync(heir, TimeSpan.FromMinutes(1)), Is.True);
        }
    }

    [Test]
    public async Task What_was_staged_is_found_by_the_successor()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var old = await ClaimAsync(Gone);
        var request = Guid.NewGuid();
        await _buffer.Ledger.StageAsync(old, """{"files": ["a"]}""", 42, request);

        var heir = await ClaimAsync();

        Assert.That((heir.State, heir.Files, heir.SnapshotId, heir.RequestId), Is.EqualTo(("committing", """{"files": ["a"]}""", 42L, request)));
    }

    [Test]
    public async Task A_staged_batch_that_was_taken_over_is_not_finished_by_its_old_holder()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var old = await ClaimAsync(Gone);
        await _buffer.Ledger.StageAsync(old, "{}", 42, Guid.NewGuid());
        var heir = await ClaimAsync();

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.FinishAsync(old, 42)))!.Code, Is.EqualTo("PH001"));
        await _buffer.Ledger.FinishAsync(heir, 42);
    }

    [Test]
    public async Task A_batch_is_finished_only_after_it_was_staged()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var batch = await ClaimAsync();

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.FinishAsync(batch, 5)))!.Code, Is.EqualTo("PH001"));
    }

    [Test]
    public async Task Batches_of_a_table_finish_in_order()
    {
        await _buffer.ExecuteAsync("update philotes.table_cursor set max_in_flight = 2");
        await _buffer.FlushAsync(_table, _schema, 10);
        await _buffer.FlushAsync(_table, _schema, 20);
        var first = await ClaimAsync(BufferFixture.Limits with { RowsMax = 1 });
        var second = await ClaimAsync(BufferFixture.Limits with { RowsMax = 1 });
        await _buffer.Ledger.StageAsync(second, "{}", 2, Guid.NewGuid());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _buffer.Ledger.CommitTurnAsync(second), Is.False);
            Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Ledger.FinishAsync(second, 2)))!.Code, Is.EqualTo("PH003"));
        }

        await _buffer.CommitAsync(first, 1);
        Assert.That(await _buffer.Ledger.CommitTurnAsync(second), Is.True);
        await _buffer.Ledger.FinishAsync(second, 2);
    }

    [Test]
    public async Task A_failed_batch_waits_its_delay_and_keeps_what_was_staged()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var batch = await ClaimAsync();
        await _buffer.Ledger.StageAsync(batch, "{}", 9, Guid.NewGuid());
        await _buffer.Ledger.FailAsync(batch, "PH310", "store unreachable", TimeSpan.FromHours(1), block: false);

        Assert.That(await _buffer.Ledger.ClaimAsync("w", BufferFixture.Limits), Is.Null);
        await _buffer.ExecuteAsync("update philotes.batch set next_try_at = now()");
        Assert.That((await ClaimAsync()).State, Is.EqualTo("committing"));
    }

    [Test]
    public async Task A_blocked_table_waits_and_the_others_go_on()
    {
        var (other, otherSchema) = await _buffer.TableAsync(16500, "other");
        await _buffer.FlushAsync(_table, _schema, 10);
        var batch = await ClaimAsync();
        await _buffer.Ledger.FailAsync(batch, "PH302", "mark mismatch", TimeSpan.Zero, block: true);
        await _buffer.FlushAsync(_table, _schema, 20);
        await _buffer.FlushAsync(other, otherSchema, 20);

        var next = await ClaimAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(next.TableId, Is.EqualTo(other));
            Assert.That(await _buffer.Ledger.ClaimAsync("w", BufferFixture.Limits), Is.Null);
            Assert.That(await _buffer.ScalarAsync<string>($"select state || ' ' || state_reason from philotes.table_cursor where table_id = {_table}"),
                Is.EqualTo("blocked PH302"));
        }
    }

    [Test]
    public async Task A_rewound_table_is_claimed_again_from_where_it_went_back_to()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        await _buffer.CommitAsync(await ClaimAsync(), 1);
        await _buffer.FlushAsync(_table, _schema, 20);
        await _buffer.CommitAsync(await ClaimAsync(), 2);
        await _buffer.ExecuteAsync("update philotes.table_cursor set state = 'paused'");

        await _buffer.ExecuteAsync($"select philotes.rewind_table({_table}, 1, 'test')");
        await _buffer.ExecuteAsync("update philotes.table_cursor set state = 'active'");

        Assert.That((await ClaimAsync()).FromSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task Value_exceptions_are_recorded_once_per_value()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var batch = await ClaimAsync();
        var value = new ValueException(1, 4294967297, 0, new Lsn(10), 0, "amount", "NaN", "PH401");

        await _buffer.Ledger.RecordValueExceptionsAsync(batch, [value]);
        await _buffer.Ledger.RecordValueExceptionsAsync(batch, [value]);

        Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.value_exception where original = 'NaN'"), Is.EqualTo(1));
    }

    private async Task WorkAsync(string name)
    {
        while (await _buffer.Ledger.ClaimAsync(name, BufferFixture.Limits with { RowsMax = 8 }) is { } batch)
        {
            await _buffer.CommitAsync(batch, batch.BatchId);
        }
    }

    private async Task<ClaimedBatch> ClaimAsync(ClaimLimits? limits = null) =>
        await _buffer.Ledger.ClaimAsync("w", limits ?? BufferFixture.Limits) ?? throw new AssertionException("Nothing was claimed.");
}

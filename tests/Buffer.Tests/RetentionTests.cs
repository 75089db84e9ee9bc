using Npgsql;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

internal sealed class RetentionTests : OneTableTests
{
    private static readonly RetentionOptions Eager = new()
    {
        GenerationAgeMax = TimeSpan.Zero,
        ReplayWindow = TimeSpan.Zero,
        LockTimeout = TimeSpan.FromSeconds(20),
    };

    private Retention _retention = null!;

    [SetUp]
    public void Prepare() => _retention = new Retention(Buffer.Db);

    [TearDown]
    public Task CheckAsync() => LedgerInvariants.CheckAsync(Buffer.Db);

    [Test]
    public async Task A_generation_goes_when_all_of_it_is_committed_and_capture_moved_on()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await CommitAllAsync();

        var first = await _retention.RunAsync(Eager);
        await Buffer.FlushAsync(Table, Schema, 20);
        await CommitAllAsync();
        await Buffer.FlushAsync(Table, Schema, 30);
        var second = await _retention.RunAsync(Eager);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Added, first.Sealed.Count, first.Dropped.Count), Is.EqualTo((2, 0, 0)), "capture has not seen the new generation");
            Assert.That((second.Sealed.Single(), second.Dropped.Single()), Is.EqualTo((1, 1)));
            Assert.That(await ExistsAsync("event_g1"), Is.False);
            Assert.That(await ExistsAsync("chunk_g1"), Is.False);
            Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.v_event where gen = 2"), Is.EqualTo(3), "the flush after the switch");
        }
    }

    [Test]
    public async Task What_is_not_committed_stays()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await SealFirstAsync();

        var report = await _retention.RunAsync(Eager);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Dropped, Is.Empty);
            Assert.That(await ExistsAsync("event_g1"), Is.True);
        }
    }

    [Test]
    public async Task What_is_inside_of_the_replay_window_stays()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await CommitAllAsync();
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager with { ReplayWindow = TimeSpan.FromDays(100_000) })).Dropped, Is.Empty);
    }

    [Test]
    public async Task A_pinned_generation_stays()
    {
        await Buffer.ExecuteAsync("update philotes.generation set pinned_by = 'replay' where gen = 1");
        await Buffer.FlushAsync(Table, Schema, 10);
        await CommitAllAsync();
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager)).Dropped, Is.Empty);
    }

    [Test]
    public async Task An_open_dead_letter_keeps_its_generation()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        var batch = (await Buffer.Ledger.ClaimAsync("w", BufferFixture.Limits))!;
        await Buffer.Ledger.ParkAsync(batch, [new ParkedEvent(1, 4294967297, 0, "PH401", "cannot be", [1, 2])]);
        await Buffer.CommitAsync(batch, 1);
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager)).Dropped, Is.Empty);
        await Buffer.ExecuteAsync("update philotes.dead_letter set resolution = 'skip', resolved_at = now()");
        Assert.That((await _retention.RunAsync(Eager)).Dropped, Does.Contain(1));
    }

    [Test]
    public async Task A_generation_with_copied_but_unpublished_chunks_is_not_sealed()
    {
        using var slow = Buffer.Chunk(Table, Schema, 100, rows: 4);
        await Buffer.Appender.CopyAsync(slow);
        var (other, otherSchema) = await Buffer.TableAsync(17000, "other");
        await Buffer.FlushAsync(other, otherSchema, 10);
        await CommitAllAsync();

        await _retention.RunAsync(Eager);
        await Buffer.FlushAsync(other, otherSchema, 20);
        await CommitAllAsync();
        var whileOpen = await _retention.RunAsync(Eager);
        await Buffer.Appender.FlushAsync([slow], new Lsn(100));
        var after = await _retention.RunAsync(Eager);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(whileOpen.Sealed, Is.Empty);
            Assert.That(after.Sealed, Does.Contain(1));
            Assert.That(after.Dropped, Does.Not.Contain(1), "the slow chunk is not committed to the lake yet");
            Assert.That(await Buffer.ScalarAsync<long>($"select count(*) from philotes.v_event where gen = 1 and table_name = 'orders'"), Is.EqualTo(4));
        }
    }

    [Test]
    public async Task A_capture_that_slept_through_the_seal_is_refused_and_captures_again()
    {
        using var late = Buffer.Chunk(Table, Schema, 100);
        await Buffer.Appender.CopyAsync(late);
        var (other, otherSchema) = await Buffer.TableAsync(17000, "other");
        await Buffer.FlushAsync(other, otherSchema, 10);
        await CommitAllAsync();
        await _retention.RunAsync(Eager);
        var asleep = await _retention.RunAsync(Eager with { SilentCaptureAge = TimeSpan.Zero });

        Assert.That(asleep.Dropped, Does.Contain(1));
        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => Buffer.Appender.FlushAsync([late], new Lsn(100))))!.Code, Is.EqualTo("PH004"));

        await Buffer.Appender.BeginAsync(Buffer.Source.SourceId, "again");
        await Buffer.FlushAsync(Table, Schema, 100);
        Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.v_event where table_name = 'orders'"), Is.EqualTo(3));
    }

    [Test]
    public async Task An_open_query_delays_the_removal_and_nothing_else()
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await CommitAllAsync();
        await _retention.RunAsync(Eager);
        await Buffer.Appender.FlushAsync([], new Lsn(20));
        await Buffer.Appender.FlushAsync([], new Lsn(21));
        RetentionReport delayed;
        await using (var reader = await Buffer.Db.OpenConnectionAsync())
        await using (var transaction = await reader.BeginTransactionAsync())
        {
            await using var query = new NpgsqlCommand("select count(*) from philotes.event", reader, transaction);
            await query.ExecuteScalarAsync();
            delayed = await _retention.RunAsync(Eager with { GenerationAgeMax = TimeSpan.FromHours(1), LockTimeout = TimeSpan.FromMilliseconds(200) });
            await Buffer.FlushAsync(Table, Schema, 30);
        }

        var later = await _retention.RunAsync(Eager with { GenerationAgeMax = TimeSpan.FromHours(1) });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(delayed.Waiting, Does.Contain(1));
            Assert.That(later.Dropped, Does.Contain(1));
            Assert.That(await ExistsAsync("event_g1"), Is.False);
        }
    }

    [Test]
    public async Task One_process_at_a_time_does_a_round()
    {
        await using var other = await Buffer.Db.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(RetentionSql.TryLock, other);
        await command.ExecuteScalarAsync();

        Assert.That((await _retention.RunAsync(Eager)).Ran, Is.False);
    }

    private async Task SealFirstAsync()
    {
        await Buffer.ExecuteAsync("call philotes.add_generation(2); update philotes.source set current_gen = 2, capture_gen = 2");
        await Buffer.ExecuteAsync("update philotes.generation set sealed_at = now() where gen = 1");
    }

    private async Task CommitAllAsync()
    {
        while (await Buffer.Ledger.ClaimAsync("w", BufferFixture.Limits) is { } batch)
        {
            await Buffer.CommitAsync(batch, batch.BatchId);
        }
    }

    private Task<bool> ExistsAsync(string leaf) => Buffer.ScalarAsync<bool>($"select to_regclass('philotes.{leaf}') is not null");
}

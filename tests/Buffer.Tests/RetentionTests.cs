using Npgsql;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RetentionTests
{
    private static readonly RetentionOptions Eager = new()
    {
        GenerationAgeMax = TimeSpan.Zero,
        ReplayWindow = TimeSpan.Zero,
        LockTimeout = TimeSpan.FromSeconds(20),
    };

    private BufferFixture _buffer = null!;
    private Retention _retention = null!;
    private int _table;
    private int _schema;

    [SetUp]
    public async Task CreateAsync()
    {
        _buffer = await BufferFixture.CreateAsync();
        _retention = new Retention(_buffer.Db);
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
    public async Task A_generation_goes_when_all_of_it_is_committed_and_capture_moved_on()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        await CommitAllAsync();

        var first = await _retention.RunAsync(Eager);
        await _buffer.FlushAsync(_table, _schema, 20);
        await CommitAllAsync();
        await _buffer.FlushAsync(_table, _schema, 30);
        var second = await _retention.RunAsync(Eager);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Added, first.Sealed.Count, first.Dropped.Count), Is.EqualTo((2, 0, 0)), "capture has not seen the new generation");
            Assert.That((second.Sealed.Single(), second.Dropped.Single()), Is.EqualTo((1, 1)));
            Assert.That(await ExistsAsync("event_g1"), Is.False);
            Assert.That(await ExistsAsync("chunk_g1"), Is.False);
            Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.v_event where gen = 2"), Is.EqualTo(3), "the flush after the switch");
        }
    }

    [Test]
    public async Task What_is_not_committed_stays()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
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
        await _buffer.FlushAsync(_table, _schema, 10);
        await CommitAllAsync();
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager with { ReplayWindow = TimeSpan.FromDays(100_000) })).Dropped, Is.Empty);
    }

    [Test]
    public async Task A_pinned_generation_stays()
    {
        await _buffer.ExecuteAsync("update philotes.generation set pinned_by = 'replay' where gen = 1");
        await _buffer.FlushAsync(_table, _schema, 10);
        await CommitAllAsync();
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager)).Dropped, Is.Empty);
    }

    [Test]
    public async Task An_open_dead_letter_keeps_its_generation()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        var batch = (await _buffer.Ledger.ClaimAsync("w", BufferFixture.Limits))!;
        await _buffer.Ledger.ParkAsync(batch, [new ParkedEvent(1, 4294967297, 0, "PH401", "cannot be", [1, 2])]);
        await _buffer.CommitAsync(batch, 1);
        await SealFirstAsync();

        Assert.That((await _retention.RunAsync(Eager)).Dropped, Is.Empty);
        await _buffer.ExecuteAsync("update philotes.dead_letter set resolution = 'skip', resolved_at = now()");
        Assert.That((await _retention.RunAsync(Eager)).Dropped, Does.Contain(1));
    }

    [Test]
    public async Task A_generation_with_copied_but_unpublished_chunks_is_not_sealed()
    {
        using var slow = _buffer.Chunk(_table, _schema, 100, rows: 4);
        await _buffer.Appender.CopyAsync(slow);
        var (other, otherSchema) = await _buffer.TableAsync(17000, "other");
        await _buffer.FlushAsync(other, otherSchema, 10);
        await CommitAllAsync();

        await _retention.RunAsync(Eager);
        await _buffer.FlushAsync(other, otherSchema, 20);
        await CommitAllAsync();
        var whileOpen = await _retention.RunAsync(Eager);
        await _buffer.Appender.FlushAsync([slow], new Lsn(100));
        var after = await _retention.RunAsync(Eager);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(whileOpen.Sealed, Is.Empty);
            Assert.That(after.Sealed, Does.Contain(1));
            Assert.That(after.Dropped, Does.Not.Contain(1), "the slow chunk is not committed to the lake yet");
            Assert.That(await _buffer.ScalarAsync<long>($"select count(*) from philotes.v_event where gen = 1 and table_name = 'orders'"), Is.EqualTo(4));
        }
    }

    [Test]
    public async Task A_capture_that_slept_through_the_seal_is_refused_and_captures_again()
    {
        using var late = _buffer.Chunk(_table, _schema, 100);
        await _buffer.Appender.CopyAsync(late);
        var (other, otherSchema) = await _buffer.TableAsync(17000, "other");
        await _buffer.FlushAsync(other, otherSchema, 10);
        await CommitAllAsync();
        await _retention.RunAsync(Eager);
        var asleep = await _retention.RunAsync(Eager with { SilentCaptureAge = TimeSpan.Zero });

        Assert.That(asleep.Dropped, Does.Contain(1));
        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Appender.FlushAsync([late], new Lsn(100))))!.Code, Is.EqualTo("PH004"));

        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "again");
        await _buffer.FlushAsync(_table, _schema, 100);
        Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.v_event where table_name = 'orders'"), Is.EqualTo(3));
    }

    [Test]
    public async Task An_open_query_delays_the_removal_and_nothing_else()
    {
        await _buffer.FlushAsync(_table, _schema, 10);
        await CommitAllAsync();
        await _retention.RunAsync(Eager);
        await _buffer.Appender.FlushAsync([], new Lsn(20));
        await _buffer.Appender.FlushAsync([], new Lsn(21));
        RetentionReport delayed;
        await using (var reader = await _buffer.Db.OpenConnectionAsync())
        await using (var transaction = await reader.BeginTransactionAsync())
        {
            await using var query = new NpgsqlCommand("select count(*) from philotes.event", reader, transaction);
            await query.ExecuteScalarAsync();
            delayed = await _retention.RunAsync(Eager with { GenerationAgeMax = TimeSpan.FromHours(1), LockTimeout = TimeSpan.FromMilliseconds(200) });
            await _buffer.FlushAsync(_table, _schema, 30);
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
        await using var other = await _buffer.Db.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(RetentionSql.TryLock, other);
        await command.ExecuteScalarAsync();

        Assert.That((await _retention.RunAsync(Eager)).Ran, Is.False);
    }

    private async Task SealFirstAsync()
    {
        await _buffer.ExecuteAsync("call philotes.add_generation(2); update philotes.source set current_gen = 2, capture_gen = 2");
        await _buffer.ExecuteAsync("update philotes.generation set sealed_at = now() where gen = 1");
    }

    private async Task CommitAllAsync()
    {
        while (await _buffer.Ledger.ClaimAsync("w", BufferFixture.Limits) is { } batch)
        {
            await _buffer.CommitAsync(batch, batch.BatchId);
        }
    }

    private Task<bool> ExistsAsync(string leaf) => _buffer.ScalarAsync<bool>($"select to_regclass('philotes.{leaf}') is not null");
}

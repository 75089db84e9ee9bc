using Npgsql;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BufferAppenderTests
{
    private BufferFixture _buffer = null!;

    [SetUp]
    public async Task CreateAsync() => _buffer = await BufferFixture.CreateAsync();

    [TearDown]
    public async Task DisposeAsync()
    {
        await LedgerInvariants.CheckAsync(_buffer.Db);
        await _buffer.DisposeAsync();
    }

    [Test]
    public async Task A_flush_publishes_its_chunks_and_moves_the_watermark_together()
    {
        var (table, schema) = await _buffer.TableAsync();
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        using var chunk = _buffer.Chunk(table, schema, 100);
        await _buffer.Appender.CopyAsync(chunk);
        Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.v_event"), Is.Zero, "copied and not published");

        var durable = await _buffer.Appender.FlushAsync([chunk], new Lsn(120));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(durable.Value, Is.EqualTo(new Lsn(120)));
            Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.v_event"), Is.EqualTo(3));
            Assert.That((await _buffer.Registry.FindAsync("shop"))!.Durable, Is.EqualTo(new Lsn(120)));
        }
    }

    [Test]
    public async Task An_empty_flush_moves_the_watermark_alone()
    {
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");

        await _buffer.Appender.FlushAsync([], new Lsn(77));

        Assert.That((await _buffer.Registry.FindAsync("shop"))!.Durable, Is.EqualTo(new Lsn(77)));
    }

    [Test]
    public async Task A_capture_that_lost_its_epoch_publishes_nothing()
    {
        var (table, schema) = await _buffer.TableAsync();
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "old");
        await using var successor = new BufferAppender(_buffer.Db);
        await successor.BeginAsync(_buffer.Source.SourceId, "new");

        var refused = await Assert.ThrowsAsync<PhilotesException>(() => _buffer.FlushAsync(table, schema, 100));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused!.Code, Is.EqualTo("PH001"));
            Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.chunk"), Is.Zero);
            Assert.Throws<InvalidOperationException>(() => _buffer.Appender.OpenChunk(table, schema));
        }
    }

    [Test]
    public async Task A_flush_from_a_watermark_that_moved_is_refused()
    {
        var epoch = await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        var sql = $"select * from philotes.capture_flush({epoch.SourceId}, {epoch.Epoch}, '0/1', '0/5', '[]', 1)";

        Assert.That((await Assert.ThrowsAsync<PostgresException>(() => _buffer.ExecuteAsync(sql)))!.SqlState, Is.EqualTo("PH001"));
    }

    [Test]
    public async Task The_watermark_never_goes_back()
    {
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        await _buffer.Appender.FlushAsync([], new Lsn(50));

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => _buffer.Appender.FlushAsync([], new Lsn(49))))!.Code, Is.EqualTo("PH001"));
    }

    [Test]
    public async Task A_chunk_number_of_another_epoch_is_refused()
    {
        var (table, schema) = await _buffer.TableAsync();
        var epoch = await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        var sql = $$"""
            select * from philotes.capture_flush({{epoch.SourceId}}, {{epoch.Epoch}}, '0/0', '0/5', '[{"gen":1,"chunk":5,"table_id":{{table}},
            "schema_id":{{schema}},"first_lsn":"0/1","last_lsn":"0/1","last_ts":"2026-01-01","row_count":1,"byte_count":1}]', 1)
            """;

        Assert.That((await Assert.ThrowsAsync<PostgresException>(() => _buffer.ExecuteAsync(sql)))!.SqlState, Is.EqualTo("PH005"));
    }

    [Test]
    public async Task Rows_of_a_copy_that_was_never_published_stay_out_of_reach_of_later_epochs()
    {
        var (table, schema) = await _buffer.TableAsync();
        var first = await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        using var lost = _buffer.Chunk(table, schema, 100, rows: 5);
        await _buffer.Appender.CopyAsync(lost);

        var second = await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        await _buffer.FlushAsync(table, schema, 100, rows: 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.LastChunk, Is.GreaterThan(lost.Number));
            Assert.That(second.Epoch, Is.EqualTo(first.Epoch + 1));
            Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.v_event"), Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Many_tables_in_one_flush_get_dense_sequences_of_their_own()
    {
        var tables = new List<(int Table, int Schema)>();
        for (var i = 0u; i < 5; i++)
        {
            tables.Add(await _buffer.TableAsync(17000 + i, $"t{i}"));
        }

        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "a");
        for (var flush = 1ul; flush <= 4; flush++)
        {
            await _buffer.Appender.FlushAsync([.. tables.Select(table => _buffer.Chunk(table.Table, table.Schema, flush * 10))], new Lsn(flush * 10));
        }

        Assert.That(await _buffer.ScalarAsync<long>("select count(*) from philotes.table_head where head_seq = 4 and rows_in = 12"), Is.EqualTo(5));
    }
}

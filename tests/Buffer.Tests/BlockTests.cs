using Npgsql;
using Philotes.Buffer.Operations;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

/// <summary>Copied rows lie in blocks, and whoever reads them, in C# or in SQL, sees events.</summary>
internal sealed class BlockTests : OneTableTests
{
    private static readonly Lsn Point = new(0x500);

    [Test]
    public async Task Rows_of_any_size_come_back_with_their_places_in_some_order([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 2_000).Select(i => BufferFixture.Tuple($"{i}", new string('x', random.Next(40) == 0 ? random.Next(20_000) : random.Next(200)))).ToList();

        await FlushAsync(rows);

        var read = new List<(ChangeKind, long, int, long, byte[])>();
        await Buffer.Reader.ReadAsync(await ClaimAsync(), (in EventRow row) => read.Add((row.Op, row.TxSeq, row.Ordinal, row.CommitTimestampMicros, row.NewRow.ToArray())));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Select(row => row.Item5), Is.EqualTo(rows));
            Assert.That(read.Select((row, i) => (row.Item1, row.Item2, row.Item3, row.Item4)), Is.EqualTo(rows.Select((_, i) => (ChangeKind.Read, 7L + i, i, BufferFixture.Timestamp))));
            Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.event where op = 'b'"), Is.LessThan(200), "rows share blocks");
            Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.event where op = 'b' and pg_column_size(new_row) > 8000"), Is.Zero, "blocks stay in their page");
        }
    }

    [Test]
    public async Task Sql_shows_each_row_of_a_block_as_its_event()
    {
        await FlushAsync([.. Enumerable.Range(0, 500).Select(i => BufferFixture.Tuple($"{i}", i % 3 == 0 ? null : "note")), BufferFixture.Tuple("500", new string('y', 9_000))]);
        var chunk = await Buffer.ScalarAsync<long>("select chunk from philotes.chunk");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Buffer.ScalarAsync<bool>($"""
                select count(*) = 501 and bool_and(op = 'r' and tx_seq = ord + 7 and commit_lsn = '{Point}' and philotes.decode_tuple(new_row, array['id', 'note']) ->> 'id' = ord::text)
                from philotes.events_of(1, {chunk})
                """), Is.True);
            Assert.That(await Buffer.ScalarAsync<bool>($"""
                select bool_and((select philotes.decode_tuple(e.new_row, array['id', 'note']) ->> 'id' from philotes.event_at(1, {chunk}, n) e where e.ord = n and e.tx_seq = n + 7) = n::text)
                from unnest(array[0, 1, 123, 124, 499, 500]) n
                """), Is.True);
            Assert.That(await Buffer.ScalarAsync<long>($"select count(*) from philotes.event_at(1, {chunk}, 501)"), Is.Zero);
            Assert.That(await Buffer.ScalarAsync<long>("select count(*) from philotes.v_event where new ->> 'id' = '321' and op = 'r'"), Is.EqualTo(1));
            Assert.That(await LedgerRules.ViolationsAsync(Buffer.Db, CancellationToken.None), Is.Empty);
        }
    }

    [TestCase("update philotes.event_g1 set new_row = set_byte(new_row, 40, get_byte(new_row, 40) # 1) where ord = 0", TestName = "A changed value of a block is found")]
    [TestCase("update philotes.event_g1 set new_row = set_byte(new_row, 1, 200) where ord = 0", TestName = "A changed length in a block is found")]
    [TestCase("update philotes.event_g1 set new_row = substring(new_row for length(new_row) - 1) where ord = 0", TestName = "A cut block is found")]
    public async Task Damage_is_found(string damage)
    {
        await FlushAsync([.. Enumerable.Range(0, 500).Select(i => BufferFixture.Tuple($"{i}", "note"))]);
        await Buffer.ExecuteAsync(damage);

        var failure = await Assert.ThrowsAsync<PhilotesException>(async () => await Buffer.Reader.ReadAsync(await ClaimAsync(), (in EventRow _) => { }));

        Assert.That(failure!.Code, Is.EqualTo("PH900"));
    }

    [TestCase(252)] // 0xFC000000 and more: a length below zero
    [TestCase(1)]
    public async Task Sql_says_that_a_block_is_damaged_and_ends(byte first)
    {
        await FlushAsync([.. Enumerable.Range(0, 500).Select(i => BufferFixture.Tuple($"{i}", "note"))]);
        await Buffer.ExecuteAsync($"update philotes.event_g1 set new_row = set_byte(new_row, 0, {first}) where ord = 0");

        var failure = await Assert.ThrowsAsync<PostgresException>(() => Buffer.ScalarAsync<long>("select sum(length(new_row)) from philotes.events_of(1, (select chunk from philotes.chunk))"));

        Assert.That(failure!.SqlState, Is.EqualTo(PostgresErrorCodes.DataCorrupted));
    }

    private async Task FlushAsync(IReadOnlyList<byte[]> rows)
    {
        using var chunk = Buffer.Appender.OpenChunk(Table, Schema);
        for (var i = 0; i < rows.Count; i++)
        {
            chunk.AppendRead(Point, 7 + i, BufferFixture.Timestamp, rows[i]);
        }

        await Buffer.Appender.FlushAsync([chunk], Point);
    }

    private async Task<ClaimedBatch> ClaimAsync() => (await Buffer.Ledger.ClaimAsync("test", BufferFixture.Limits))!;
}

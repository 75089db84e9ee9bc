using Philotes.Shared;

namespace Philotes.Buffer.Tests;

internal sealed class BatchReaderTests : OneTableTests
{
    [Test]
    public async Task Random_events_come_back_as_they_were_appended([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var written = new List<Event>();
        for (var flush = 0; flush < 5; flush++)
        {
            using var chunk = Buffer.Appender.OpenChunk(Table, Schema);
            for (var i = 0; i < random.Next(1, 400); i++)
            {
                var row = Event.Random(random, (ulong)flush + 1, i);
                written.Add(row);
                chunk.Append(row.Op, row.Lsn, row.Seq, row.Xid, row.Timestamp, row.Old, row.Old is not null, row.New, row.New is not null);
            }

            await Buffer.Appender.FlushAsync([chunk], new Lsn((ulong)flush + 1));
        }

        var read = await ReadAsync(await ClaimAsync());

        Assert.That(read.Select(row => row.ToString()), Is.EqualTo(written.Select(row => row.ToString())));
    }

    [Test]
    public async Task A_row_larger_than_every_buffer_comes_back()
    {
        var large = new byte[5_000_000];
        new Random(1).NextBytes(large);
        using var chunk = Buffer.Appender.OpenChunk(Table, Schema);
        chunk.Append(ChangeKind.Insert, new Lsn(9), 0, 1, 0, default, false, large, true);
        chunk.Append(ChangeKind.Delete, new Lsn(9), 1, 1, 0, [1, 2], true, default, false);
        await Buffer.Appender.FlushAsync([chunk], new Lsn(9));

        var read = await ReadAsync(await ClaimAsync());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read[0].New, Is.EqualTo(large));
            Assert.That(read[1].Old, Is.EqualTo(new byte[] { 1, 2 }));
        }
    }

    [TestCase("update philotes.event_g1 set new_row = '\\x00' where ord = 1", TestName = "A changed value is found")]
    [TestCase("update philotes.event_g1 set tx_seq = 77 where ord = 1", TestName = "A changed position is found")]
    [TestCase("delete from philotes.event_g1 where ord = 1", TestName = "A missing event is found")]
    [TestCase("update philotes.event_g1 set ord = 2 - ord", TestName = "Another order is found")]
    [TestCase("insert into philotes.event_g1 select * from philotes.event_g1 where ord = 1", TestName = "A doubled event is found")]
    [TestCase("update philotes.batch set row_count = 4", TestName = "A batch that promises more is found")]
    public async Task Damage_is_found(string damage)
    {
        await Buffer.FlushAsync(Table, Schema, 10);
        await Buffer.ExecuteAsync(damage);
        var batch = await ClaimAsync();
        if (damage.Contains("philotes.batch", StringComparison.Ordinal))
        {
            batch = batch with { RowCount = 4 };
        }

        Assert.That((await Assert.ThrowsAsync<PhilotesException>(() => ReadAsync(batch)))!.Code, Is.EqualTo("PH900"));
    }

    [Test]
    public async Task Events_that_lie_in_another_order_are_handed_on_in_theirs()
    {
        await Buffer.FlushAsync(Table, Schema, 10, rows: 50);
        await Buffer.ExecuteAsync("""
            create temp table moved as select * from philotes.event_g1 where ord between 5 and 20;
            delete from philotes.event_g1 where ord between 5 and 20;
            insert into philotes.event_g1 select * from moved order by ord desc
            """);

        var read = await ReadAsync(await ClaimAsync());

        Assert.That(read.Select(row => row.Seq), Is.EqualTo(Enumerable.Range(0, 50)));
    }

    [Test]
    public void The_checksum_is_crc32c()
    {
        // RFC 3720, B.4: 32 bytes of zeros; and the usual check value.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Crc32C.Append(0, new byte[32]), Is.EqualTo(0x8a9136aau));
            Assert.That(Crc32C.Append(0, "123456789"u8), Is.EqualTo(0xe3069283u));
        }
    }

    private async Task<ClaimedBatch> ClaimAsync() =>
        await Buffer.Ledger.ClaimAsync("w", BufferFixture.Limits) ?? throw new AssertionException("Nothing was claimed.");

    private async Task<List<Event>> ReadAsync(ClaimedBatch batch)
    {
        var read = new List<Event>();
        await Buffer.Reader.ReadAsync(batch, (in EventRow row) => read.Add(new Event(
            row.Op, row.CommitLsn, row.TxSeq, (uint)row.Xid, row.CommitTimestampMicros, row.HasOld ? row.OldRow.ToArray() : null,
            row.HasNew ? row.NewRow.ToArray() : null)));
        return read;
    }

    private sealed record Event(ChangeKind Op, Lsn Lsn, long Seq, uint Xid, long Timestamp, byte[]? Old, byte[]? New)
    {
        public static Event Random(Random random, ulong lsn, long seq) => new(
            new[] { ChangeKind.Read, ChangeKind.Insert, ChangeKind.Update, ChangeKind.Delete, ChangeKind.Truncate }[random.Next(5)],
            new Lsn(lsn), seq, (uint)random.NextInt64(uint.MaxValue), random.NextInt64(900_000_000_000_000), Bytes(random), Bytes(random));

        public override string ToString() =>
            $"{Op} {Lsn} {Seq} {Xid} {Timestamp} {(Old is null ? "-" : Convert.ToHexString(Old))} {(New is null ? "-" : Convert.ToHexString(New))}";

        private static byte[]? Bytes(Random random)
        {
            if (random.Next(4) == 0)
            {
                return null;
            }

            var bytes = new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(60)];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}

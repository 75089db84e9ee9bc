using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Grouping;

[CancelAfter(60_000)]
public sealed class GrownPartTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true));

    [Test]
    public async Task What_a_person_decided_of_a_row_holds_when_a_batch_grows_into_it()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Read("1"), Read("2"), Read("3"));
        await bench.AppendAsync(Orders, Read("4"), Read("5"), Read("6"));
        await bench.ScalarAsync<object?>("""
            do $$ begin
              update philotes.chunk set copied = true, byte_count = 1000000;
              insert into philotes.table_copy (table_id, state, claim_bytes) values (1, 'active', 100000000);
              insert into philotes.dead_letter (table_id, gen, chunk, ord, batch_id, error_code, error_text, resolution, resolved_at)
              select 1, gen, chunk, 1, 0, 'PH405', 'a bad row', 'skip', now() from philotes.chunk where table_seq = 2;
            end $$
            """);
        var options = bench.Options with { Defaults = bench.Options.Defaults with { Commit = bench.Options.Defaults.Commit with { MaxBytes = ByteSize.FromMebibytes(1) } } };
        await bench.Runner(options: options).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state = 'committed' and to_seq = 2"), Is.EqualTo(1), "one batch, which grew");
        Assert.That((await bench.ReadAsync("orders")).Select(row => row["id"]!.ToString()), Is.EqualTo(new[] { "1", "2", "3", "4", "6" }));
    }

    private static Change Read(string id) => new(ChangeKind.Read, null, Tuple.Of(id));
}

using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Files;

[CancelAfter(120_000)]
public sealed class SealedFileTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true));

    [Test]
    public async Task A_byte_that_flips_between_encoding_and_upload_is_never_committed(CancellationToken cancellationToken)
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2"));

        // The names of the files wait here to be written down; by then they are encoded.
        await using var connection = await bench.Db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table philotes.written_object in access exclusive mode", connection, transaction))
            await hold.ExecuteNonQueryAsync(cancellationToken);
        var run = bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await Until.TrueAsync(
            () => bench.ScalarAsync<bool>("select exists (select from pg_locks where not granted and relation = 'philotes.written_object'::regclass)"), () => "nobody waits for the lock", cancellationToken);
        Flip(Directory.GetFiles(Path.Combine(bench.Warehouse, "temp"), "*.parquet", SearchOption.AllDirectories).Single());
        await transaction.RollbackAsync(cancellationToken);
        await run;

        Assert.That(await bench.ScalarAsync<string>("select error_code from philotes.batch where state = 'failed'"), Is.EqualTo("PH311"));
        await bench.ScalarAsync<long>("update philotes.batch set next_try_at = now() where state = 'failed' returning batch_id");
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        Assert.That((await bench.ReadAsync("orders")).Select(row => row["id"]!.ToString()), Is.EqualTo(new[] { "1", "2" }));
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var flipped = (byte)(file.ReadByte() ^ 0x10);
        file.Position = file.Length / 2;
        file.WriteByte(flipped);
    }
}

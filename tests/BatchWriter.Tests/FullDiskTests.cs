using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

/// <summary>A disk that is really full, under the warehouse and under the writer's temporary folder: the batch says so, waits, and lands once when there is room.</summary>
[CancelAfter(120_000)]
public sealed class FullDiskTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false));

    [Test]
    public async Task A_full_disk_under_the_warehouse_says_so_and_the_batch_lands_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(1 << 20);
        await using var bench = await WriterBench.StartAsync(rule => rule with { Properties = new Dictionary<string, string> { ["write.data.path"] = $"file://{disk.Folder}" } });
        await bench.AppendAsync(Orders, Rows());
        disk.Fill();

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH310", "is full");
        await AssertLandsAsync(bench, disk);
    }

    [Test]
    public async Task A_full_disk_under_the_temporary_folder_says_which_setting_and_the_batch_lands_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(1 << 20);
        await using var bench = await WriterBench.StartAsync();
        var options = bench.Options with { Writer = bench.Options.Writer with { TempFolder = disk.Folder } };
        await bench.AppendAsync(Orders, Rows());
        disk.Fill();

        await bench.Runner(options: options).RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH313", "writer.temp_folder");
        await AssertLandsAsync(bench, disk, options);
    }

    private static IEnumerable<Change> Rows() => Enumerable.Range(0, 1_000).Select(i => Change.Insert($"{i}", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i)))));

    private static async Task AssertFailedAsync(WriterBench bench, string code, string says)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch"), Is.EqualTo($"failed {code}"));
            Assert.That(await bench.ScalarAsync<string>("select error_text from philotes.batch"), Does.Contain(says));
        }
    }

    private static async Task AssertLandsAsync(WriterBench bench, SmallDisk disk, Philotes.Hosting.PhilotesOptions? options = null)
    {
        disk.Free();
        await bench.ScalarAsync<long>("update philotes.batch set next_try_at = now() returning batch_id");
        await bench.Runner(options: options).RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<string>("select state || coalesce(error_text, '') from philotes.batch"), Is.EqualTo("committed"));
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1_000));
    }
}

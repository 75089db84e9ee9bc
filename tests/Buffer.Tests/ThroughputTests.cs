using System.Diagnostics;
using System.Globalization;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

/// <summary>Measures; asserts nothing about speed. Run by name: <c>dotnet test --filter Name~Measure</c>.</summary>
[Explicit("A measurement.")]
internal sealed class ThroughputTests
{
    private const int Rows = 1_000_000;
    private const int RowsPerFlush = 20_000;

    [Test]
    public async Task Measure_append_and_read()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        var (table, schema) = await buffer.TableAsync();
        await buffer.Appender.BeginAsync(buffer.Source.SourceId, "bench");
        var tuple = BufferFixture.Tuple("123456", "customer name", "19.99", "2026-01-01 00:00:00+00", "some note of a few words", null, "7", "t");
        for (var round = 0; round < 3; round++)
        {
            var watch = Stopwatch.StartNew();
            for (var from = 0; from < Rows; from += RowsPerFlush)
            {
                await FlushAsync(buffer, table, schema, tuple, (ulong)(round * Rows + from + 1));
            }

            Report("append", watch, tuple.Length);
        }

        var claimed = (await buffer.Ledger.ClaimAsync("w", BufferFixture.Limits with { RowsMax = 2 * Rows, BytesMax = long.MaxValue }))!;
        for (var round = 0; round < 2; round++)
        {
            var watch = Stopwatch.StartNew();
            var count = 0;
            await buffer.Reader.ReadAsync(claimed, (in EventRow _) => count++);
            TestContext.Out.WriteLine($"{count} rows");
            Report("read", watch, tuple.Length, count);
        }
    }

    private static async Task FlushAsync(BufferFixture buffer, int table, int schema, byte[] tuple, ulong lsn)
    {
        using var chunk = buffer.Appender.OpenChunk(table, schema);
        for (var i = 0; i < RowsPerFlush; i++)
        {
            chunk.Append(ChangeKind.Insert, new Lsn(lsn), i, 7, BufferFixture.Timestamp, default, false, tuple, true);
        }

        await buffer.Appender.FlushAsync([chunk], new Lsn(lsn));
    }

    private static void Report(string what, Stopwatch watch, int tupleLength, int rows = Rows) => TestContext.Out.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {rows / watch.Elapsed.TotalSeconds:N0} rows/s of {tupleLength} bytes in {watch.Elapsed.TotalSeconds:F2} s"));
}

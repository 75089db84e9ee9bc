using System.Globalization;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Files;

/// <summary>What stands between a batch and its files under <c>on_poison: park-key</c>.</summary>
[NonParallelizable]
public sealed class EventFatesTests
{
    private const int Rows = 200_000;
    private const long BytesMax = 4L << 20;

    [Test]
    public void Only_the_keys_of_what_is_parked_are_kept_however_many_events_there_are()
    {
        var schema = WriterBench.Schema("fates", 'd', ("id", "bigint", true), ("day", "date", false));
        _ = TablePattern.TryParse("*.*", out var all);
        var settings = new PhilotesOptions { Tables = [new TableRule { Match = all, OnOutside = OnOutside.Reject, OnPoison = OnPoison.ParkKey }] }.For("public", "fates")!;
        var plan = SchemaEvolution.Plan([], FieldRoles.Empty, 0, schema, EvolutionRules.Of(settings));
        var table = new IcebergSchema(0, plan.Fields);
        var folder = Directory.CreateTempSubdirectory("philotes-fates-").FullName;
        try
        {
            using var replaced = new ReplacedValues(folder);
            var encoder = new ChangelogEncoder(ChangelogBinding.Of(table, plan.Roles, schema, settings), replaced);
            using var files = new DataFileWriter(
                new DataFileOptions(folder, 512L << 20, 1, new ParquetWriterOptions { TempFolder = folder }), table, encoder, partitioner: null, unchanged: null, "fates");
            var fates = new EventFates(schema, OnPoison.ParkKey);
            fates.Begin();
            Append(fates, files, 0, Tuple.Of("7", "infinity"));
            Append(fates, files, 1, Tuple.Of("7", "2024-01-01"));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 2; i < Rows; i++)
                Append(fates, files, i, Tuple.Of((1000 + i).ToString(CultureInfo.InvariantCulture), "2024-01-01"));
            var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

            var rejected = fates.WithKeys(files.Parked).Single();
            var follower = fates.Parked.Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(kept, Is.LessThan(BytesMax));
                Assert.That((rejected.Code, rejected.Ordinal, follower.Code, follower.Ordinal), Is.EqualTo(("PH401", 0, "PH404", 1)));
                Assert.That(rejected.KeyHash, Is.Not.Null.And.EqualTo(follower.KeyHash));
                Assert.That(files.RowCount, Is.EqualTo(Rows - 2));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase(16L << 20)]
    [TestCase(256L << 20)]
    [TestCase(1L << 30)]
    [TestCase(4L << 30)]
    public void Open_files_and_what_waits_in_front_of_them_share_the_memory_of_the_batch(long memory)
    {
        const long least = (64L << 20) + ChunkStream.QueuedByteMax;
        var parts = BatchEncoder.Share(memory, isPartitioned: true);
        var whole = BatchEncoder.Share(memory, isPartitioned: false);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parts.Open * (parts.EngineBytes + ChunkStream.QueuedByteMax), Is.LessThanOrEqualTo(Math.Max(memory, least)));
            Assert.That(whole, Is.EqualTo((1, Math.Max(memory, least) - ChunkStream.QueuedByteMax)));
        }
    }

    private static void Append(EventFates fates, DataFileWriter files, int ordinal, byte[] tuple) => fates.Append(
        new EventRow { Op = ChangeKind.Insert, CommitLsn = new Lsn(0x100), TxSeq = ordinal, HasNew = true, NewRow = tuple, Generation = 1, Chunk = 1, Ordinal = ordinal }, files);
}

using System.Text.Json;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Tests.Manifests;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Foreign;

/// <summary>Our manifests and lists, read by an Avro library that we did not write (Debian's python3-avro).</summary>
internal sealed class PythonAvroTests
{
    private const string Python = "/usr/bin/python3";

    [Test]
    public async Task A_manifest_reads_with_every_partition_type()
    {
        var header = new ManifestHeader(ManifestSamples.Schema, ManifestSamples.Spec, ManifestContent.Data);
        var encoded = ManifestWriter.Write("m", 99, header,
            [ManifestEntry.Added(99, ManifestSamples.File("file:///w/a.parquet", ManifestSamples.Partition)), ManifestEntry.Added(99, ManifestSamples.File("file:///w/b.parquet", ManifestSamples.Nulls))]);
        var read = await ReadAsync(encoded.Bytes);
        var first = read.GetProperty("records")[0];
        var file = first.GetProperty("data_file");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.GetProperty("header").GetProperty("format-version").GetString(), Is.EqualTo("2"));
            Assert.That(read.GetProperty("header").GetProperty("schema").GetString(), Is.EqualTo(ManifestSamples.Schema.ToJson()));
            Assert.That(first.GetProperty("status").GetInt32(), Is.EqualTo(1));
            Assert.That(first.GetProperty("snapshot_id").GetInt64(), Is.EqualTo(99));
            Assert.That(first.GetProperty("sequence_number").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(file.GetProperty("file_path").GetString(), Is.EqualTo("file:///w/a.parquet"));
            Assert.That(file.GetProperty("record_count").GetInt64(), Is.EqualTo(3));
            Assert.That(file.GetProperty("value_counts").GetRawText(), Is.EqualTo("""[{"key": 1, "value": 3}, {"key": 2, "value": 3}]"""));
            Assert.That(file.GetProperty("upper_bounds").GetRawText(), Is.EqualTo("""[{"key": 1, "value": "0300000000000000"}, {"key": 2, "value": "7a"}]"""));
            Assert.That(file.GetProperty("split_offsets").GetRawText(), Is.EqualTo("[4, 600]"));
            AssertPartition(file.GetProperty("partition"));
            Assert.That(read.GetProperty("records")[1].GetProperty("data_file").GetProperty("partition").EnumerateObject().All(field => field.Value.ValueKind == JsonValueKind.Null));
        }
    }

    [Test]
    public async Task A_manifest_list_reads_with_its_summaries()
    {
        var manifest = new ManifestFile
        {
            Path = "file:///w/m.avro",
            Length = 10,
            SpecId = 4,
            AddedSnapshotId = long.MaxValue,
            AddedFilesCount = 1,
            ExistingFilesCount = 2,
            DeletedFilesCount = 3,
            AddedRowsCount = 4,
            ExistingRowsCount = 5,
            DeletedRowsCount = 6,
            Partitions = [new FieldSummary(true, null, [1], [2])],
        };
        var read = await ReadAsync(ManifestListWriter.Write(long.MaxValue, null, 8, [manifest]));
        Assert.That(read.GetProperty("header").GetProperty("parent-snapshot-id").GetString(), Is.EqualTo("null"));
        Assert.That(read.GetProperty("records")[0].GetRawText(), Is.EqualTo(
            """{"manifest_path": "file:///w/m.avro", "manifest_length": 10, "partition_spec_id": 4, "content": 0, "sequence_number": 8, "min_sequence_number": 8, "added_snapshot_id": 9223372036854775807, "added_files_count": 1, "existing_files_count": 2, "deleted_files_count": 3, "added_rows_count": 4, "existing_rows_count": 5, "deleted_rows_count": 6, "partitions": [{"contains_null": true, "contains_nan": null, "lower_bound": "01", "upper_bound": "02"}], "key_metadata": null}"""));
        Assert.That((await ReadAsync(ManifestListWriter.Write(1, null, 1, []))).GetProperty("records").GetArrayLength(), Is.Zero);
    }

    private static void AssertPartition(JsonElement partition)
    {
        Assert.That(partition.GetProperty("id_bucket").GetInt32(), Is.EqualTo(3));
        Assert.That(partition.GetProperty("name_trunc").GetString(), Is.EqualTo("ic"));
        Assert.That(partition.GetProperty("created_at_day").GetString(), Is.EqualTo("1969-12-31"));
        Assert.That(partition.GetProperty("created_at_hour").GetInt32(), Is.EqualTo(-1));
        Assert.That(partition.GetProperty("price").GetString(), Is.EqualTo("-14.20"));
        Assert.That(partition.GetProperty("cost").GetString(), Is.EqualTo("14.20"));
        Assert.That(partition.GetProperty("key").GetString(), Is.EqualTo("f79c3e09677c4bbda4793f349cb785e7").Or.EqualTo("f79c3e09-677c-4bbd-a479-3f349cb785e7"));
        Assert.That(partition.GetProperty("raw").GetString(), Is.EqualTo("00ff"));
        Assert.That(partition.GetProperty("order_x20by").GetDouble(), Is.EqualTo(-0.25));
        Assert.That(partition.GetProperty("huge").GetString(), Is.EqualTo("-99999999999999999999999999999999999999"));
    }

    private static async Task<JsonElement> ReadAsync(byte[] bytes)
    {
        await RequireAvroAsync();
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, bytes);
            return JsonElement.Parse(await ChildProcess.RunAsync(Python, [Peers.Repository("tests", "Iceberg.Tests", "Foreign", "read-avro.py"), path]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task RequireAvroAsync()
    {
        try
        {
            await ChildProcess.RunAsync(Python, ["-c", "import avro"]);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Prerequisite.Missing("Debian's package python3-avro");
        }
    }
}

using System.Globalization;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Reads a batch, encodes it and uploads its files: buffer, memory, local folder, object store. What it uploads is named by batch and claim, so a crash
/// leaves orphans that are known exactly. Rows in files and parked events add up to the batch, or nothing is staged.
/// </summary>
internal sealed class BatchEncoder(WriterOptions options, IObjectStore store, BatchReader reader, BatchLedger ledger, Announcer announcer, WriterMetrics metrics)
{
    private const int PartitionsOpenMax = 16;
    private const long EncoderBytesMin = 64L << 20;
    private const int ParkedMin = 100;
    private const long UnchangedBytesMax = 32L << 20;

    public async Task<StagedBatch> EncodeAsync(
        ClaimedBatch batch, TargetTable target, TableSchema schema, TableSettings settings, long snapshotId, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.TempFolder ?? Path.Combine(Path.GetTempPath(), "philotes-batches"), Name(batch));
        Directory.CreateDirectory(folder);
        try
        {
            var binding = ChangelogBinding.Of(target.Schema, target.Roles, schema, settings);
            using var replaced = new ReplacedValues(folder);
            var encoder = new ChangelogEncoder(binding, replaced);
            var partitioner = target.Spec.IsPartitioned ? new RowPartitioner(target.Spec, target.Schema, target.Roles, binding) : null;
            using var files = new DataFileWriter(FileOptions(folder, target), target.Schema, encoder, partitioner, UnchangedValues.For(schema, UnchangedBytesMax), Name(batch));
            await reader.ReadAsync(batch, files.Append, cancellationToken);
            var encoded = files.Complete();
            await RecordAsync(batch, files, replaced, encoded, cancellationToken);
            await Failpoints.HitAsync("wr.before_put", cancellationToken);
            var uploaded = await UploadAsync(target, encoded, cancellationToken);
            await Failpoints.HitAsync("wr.after_upload", cancellationToken);
            return new StagedBatch(target.Loaded.Metadata.TableUuid, snapshotId, uploaded, files.Parked.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task RecordAsync(
        ClaimedBatch batch, DataFileWriter files, ReplacedValues replaced, IReadOnlyList<EncodedFile> encoded, CancellationToken cancellationToken)
    {
        var rows = encoded.Sum(file => file.File.RecordCount);
        if (rows != files.RowCount || rows + files.Parked.Count != batch.RowCount)
        {
            throw new PhilotesException("PH900", string.Create(CultureInfo.InvariantCulture,
                $"Batch {batch.BatchId} has {batch.RowCount} events, but {rows} rows are in files and {files.Parked.Count} events are parked. Nothing was staged; keep the buffer and report this."));
        }

        if (files.Parked.Count > Math.Max(ParkedMin, batch.RowCount / 100))
        {
            throw new PhilotesException("PH410", string.Create(CultureInfo.InvariantCulture,
                $"{files.Parked.Count} of {batch.RowCount} events cannot be written: {files.Parked[0].Text} Nothing was parked. Change on_outside or the type, then retry the batch."));
        }

        if (files.Parked.Count > 0)
        {
            await ledger.ParkAsync(batch, files.Parked, cancellationToken);
            metrics.Parked(files.Parked.Count, files.Parked[0].Code);
        }

        foreach (var group in replaced.Groups())
            await ledger.RecordValueExceptionsAsync(batch, group, cancellationToken);
        metrics.Replaced(replaced.Count);
    }

    private async Task<IReadOnlyList<DataFile>> UploadAsync(TargetTable target, IReadOnlyList<EncodedFile> files, CancellationToken cancellationToken)
    {
        var metadata = target.Loaded.Metadata;
        var folder = metadata.Properties.GetValueOrDefault("write.data.path")?.TrimEnd('/') ?? $"{metadata.Location}/data";
        var uploaded = new List<DataFile>();
        await announcer.AnnounceAsync([.. files.Select(file => UriOf(target, folder, file))], cancellationToken);
        foreach (var (file, partition) in files)
        {
            var uri = UriOf(target, folder, new EncodedFile(file, partition));
            await Failpoints.HitAsync("wr.mid_put", cancellationToken);
            await store.PutNewFileAsync(uri, file.Path, cancellationToken);
            if (await store.HeadAsync(uri, cancellationToken) != file.ByteCount)
                throw new PhilotesException("PH311", $"The object {uri} does not have the {file.ByteCount} bytes that were uploaded. It is written again under another name; check the store.");
            await Failpoints.HitAsync("wr.after_put", cancellationToken);
            metrics.Uploaded(file.ByteCount);
            uploaded.Add(DataFile.FromParquet(file, uri, target.Spec.SpecId, partition));
        }

        return uploaded;
    }

    private static string UriOf(TargetTable target, string folder, EncodedFile file)
    {
        var path = target.Spec.IsPartitioned ? $"{folder}/{target.Spec.PartitionPath(target.Schema, file.Partition)}" : folder;
        return $"{path}/{Path.GetFileName(file.File.Path)}";
    }

    private DataFileOptions FileOptions(string folder, TargetTable target)
    {
        var memory = options.Memory.Bytes / options.Parallelism;
        var open = target.Spec.IsPartitioned ? (int)Math.Clamp(memory / EncoderBytesMin, 1, PartitionsOpenMax) : 1;
        return new DataFileOptions(folder, options.FileBytes.Bytes, open, new ParquetWriterOptions
        {
            MemoryByteMax = Math.Max(memory / open, EncoderBytesMin),
            TempFolder = Path.Combine(folder, "spill"),
        });
    }

    private static string Name(ClaimedBatch batch) => string.Create(CultureInfo.InvariantCulture, $"{batch.BatchId:d10}-{batch.Token}");
}

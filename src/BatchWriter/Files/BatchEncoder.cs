using System.Globalization;
using Microsoft.Extensions.Logging;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Grouping;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Reads a batch, encodes it and uploads its files: buffer, memory, local folder, object store. What it uploads is named by batch and claim, so a crash
/// leaves orphans that are known exactly. Rows in files and parked events add up to the batch, or nothing is staged.
/// </summary>
internal sealed class BatchEncoder(WriterOptions options, ByteSize fileTarget, IObjectStore store, WriterBuffer buffer, Announcer announcer, WriterMetrics metrics, ILogger logger)
{
    private const int PartitionsOpenMax = 16;
    private const long EncoderBytesMin = 64L << 20;
    private const long WideRowBytes = 256L << 10;
    private const int ParkedMin = 100;
    private const long UnchangedBytesMax = 32L << 20;

    /// <summary>Encodes what the dead letters leave of a batch, and records what could not be written. The batch is behind it what it has grown to.</summary>
    public async Task<StagedBatch> EncodeAsync(
        GrowingBatch batch, TargetTable target, TableSchema schema, TableSettings settings, long snapshotId, CancellationToken cancellationToken)
    {
        var fates = await EventFates.LoadAsync(buffer.Letters, batch.Batch, schema, settings.OnPoison, cancellationToken);
        return await EncodeAsync(batch, Name(batch.Batch), target, schema, settings, fates, snapshotId, RecordAsync, cancellationToken);
    }

    /// <summary>The same for events that are chosen otherwise. One event that cannot be encoded is found, and left to the table's policy.</summary>
    /// <param name="name">What the files are called after: never the same twice.</param>
    public Task<StagedBatch> EncodeAsync(
        ClaimedBatch batch, string name, TargetTable target, TableSchema schema, TableSettings settings, EventFates fates, long snapshotId,
        Func<ClaimedBatch, EncodedBatch, CancellationToken, Task> recordAsync, CancellationToken cancellationToken) =>
        EncodeAsync(GrowingBatch.Whole(batch), name, target, schema, settings, fates, snapshotId, recordAsync, cancellationToken);

    private async Task<StagedBatch> EncodeAsync(
        GrowingBatch batch, string name, TargetTable target, TableSchema schema, TableSettings settings, EventFates fates, long snapshotId,
        Func<ClaimedBatch, EncodedBatch, CancellationToken, Task> recordAsync, CancellationToken cancellationToken)
    {
        var sort = target.SortOrder is { Fields.Count: > 0 } order && await buffer.Reader.IsCopiedAsync(batch.Batch, cancellationToken) ? order : SortOrder.Unsorted;
        while (true)
        {
            try
            {
                return await EncodeOnceAsync(batch, name, target, schema, settings, fates, sort, snapshotId, recordAsync, cancellationToken);
            }
            catch (Exception failure) when (fates.IsOfEvent(failure))
            {
                fates.LeaveOut(failure);
                RequireFew(batch.Batch, fates.Parked.Count, failure.Message);
            }
            catch (DuckDbException failure) when (sort.Fields.Count > 0)
            {
                // Rows of many kilobytes are more than the engine can sort in the memory that it has. The order only helps readers.
                logger.NotSorted(batch.Batch.BatchId, schema.Name, options.Memory, failure.Message);
                sort = SortOrder.Unsorted;
            }
            catch (DuckDbException failure) when (batch.Batch.Attempt > 1 && fates.Range is null)
            {
                if (!await FindPoisonAsync(batch.Batch, name, target, schema, settings, fates, failure, cancellationToken))
                    throw;
                RequireFew(batch.Batch, fates.Parked.Count, failure.Message);
            }
        }
    }

    /// <param name="recordAsync">Null: a try, of which nothing is kept.</param>
    private async Task<StagedBatch> EncodeOnceAsync(
        GrowingBatch batch, string name, TargetTable target, TableSchema schema, TableSettings settings, EventFates fates, SortOrder sort, long snapshotId,
        Func<ClaimedBatch, EncodedBatch, CancellationToken, Task>? recordAsync, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.TempFolder ?? Path.Combine(Path.GetTempPath(), "philotes-batches"), name);
        Directory.CreateDirectory(folder);
        try
        {
            var binding = ChangelogBinding.Of(target.Schema, target.Roles, schema, settings);
            using var replaced = new ReplacedValues(folder);
            var encoder = new ChangelogEncoder(binding, replaced);
            var partitioner = target.Spec.IsPartitioned ? new RowPartitioner(target.Spec, target.Schema, target.Roles, binding) : null;
            using var files = new DataFileWriter(FileOptions(folder, target, sort, batch.Batch), target.Schema, encoder, partitioner, UnchangedValues.For(schema, UnchangedBytesMax), name);
            fates.Begin();
            await ReadAsync(batch, fates, files, cancellationToken);
            var encoded = new EncodedBatch(files.Complete(), files.RowCount, [.. fates.WithKeys(files.Parked)], [.. fates.Parked], fates.LeftOut, replaced);
            if (recordAsync is null)
                return new StagedBatch(target.Loaded.Metadata.TableUuid, snapshotId, [], encoded.LeftOut);
            await recordAsync(batch.Batch, encoded, cancellationToken);
            await Failpoints.HitAsync("wr.before_put", cancellationToken);
            var uploaded = await UploadAsync(target, encoded.Files, sort, cancellationToken);
            await Failpoints.HitAsync("wr.after_upload", cancellationToken);
            return new StagedBatch(target.Loaded.Metadata.TableUuid, snapshotId, uploaded, encoded.Rejected.Count + encoded.LeftOut);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Rows of a copy are followed by those that come meanwhile, until they are a file.</summary>
    private async Task ReadAsync(GrowingBatch batch, EventFates fates, DataFileWriter files, CancellationToken cancellationToken)
    {
        var isCopy = false;
        for (var next = batch.Batch; next is not null; next = isCopy && !files.EndsWell ? await GrowAsync(batch, fates, cancellationToken) : null)
        {
            await buffer.Reader.ReadAsync(next, (in EventRow row) =>
            {
                isCopy = row.Op == ChangeKind.Read;
                fates.Append(row, files);
            }, cancellationToken);
        }
    }

    private async Task<ClaimedBatch?> GrowAsync(GrowingBatch batch, EventFates fates, CancellationToken cancellationToken)
    {
        var added = await batch.GrowAsync(cancellationToken);
        if (added is not null)
            await fates.AddAsync(buffer.Letters, added, cancellationToken);
        return added;
    }

    /// <summary>An engine that fails says not where: the event is found by encoding halves of what it had, and thrown away.</summary>
    private async Task<bool> FindPoisonAsync(
        ClaimedBatch batch, string name, TargetTable target, TableSchema schema, TableSettings settings, EventFates fates, DuckDbException failure,
        CancellationToken cancellationToken)
    {
        var found = await PoisonSearch.FindAsync(fates.Seen, async (from, to) =>
        {
            fates.Range = (from, to);
            try
            {
                await EncodeOnceAsync(GrowingBatch.Whole(batch), name, target, schema, settings, fates, SortOrder.Unsorted, snapshotId: 0, recordAsync: null, cancellationToken);
                return true;
            }
            catch (DuckDbException)
            {
                return false;
            }
            finally
            {
                fates.Range = null;
            }
        });
        if (found is not { } place)
            return false;
        var index = 0L;
        await buffer.Reader.ReadAsync(batch, (in EventRow row) =>
        {
            if (index++ == place)
                fates.Poison(row, failure.Message);
        }, cancellationToken);
        return true;
    }

    private async Task RecordAsync(ClaimedBatch batch, EncodedBatch encoded, CancellationToken cancellationToken)
    {
        var rows = encoded.Files.Sum(file => file.File.RecordCount);
        var parked = encoded.Rejected.Concat(encoded.Parked).ToList();
        if (rows != encoded.RowCount || rows + encoded.Rejected.Count + encoded.LeftOut != batch.RowCount)
        {
            throw new PhilotesException("PH900", string.Create(CultureInfo.InvariantCulture,
                $"Batch {batch.BatchId} has {batch.RowCount} events, but {rows} rows are in files and {encoded.Rejected.Count + encoded.LeftOut} events are parked. Nothing was staged; keep the buffer and report this."));
        }

        if (parked.Count > 0)
        {
            RequireFew(batch, parked.Count, parked[0].Text);
            await buffer.Ledger.ParkAsync(batch, parked, cancellationToken);
            foreach (var group in parked.GroupBy(item => item.Code))
                metrics.Parked(group.Count(), group.Key);
        }

        foreach (var group in encoded.Replaced.Groups())
            await buffer.Ledger.RecordValueExceptionsAsync(batch, group, cancellationToken);
        metrics.Replaced(encoded.Replaced.Count);
    }

    /// <summary>Many at once are a wrong mapping and no bad rows: parking them would only hide it.</summary>
    private static void RequireFew(ClaimedBatch batch, int parked, string text)
    {
        if (parked > Math.Max(ParkedMin, batch.RowCount / 100))
        {
            throw new PhilotesException("PH410", string.Create(CultureInfo.InvariantCulture,
                $"{parked} of {batch.RowCount} events cannot be written: {text} Nothing was parked. Change on_outside or the type, then retry the batch."));
        }
    }

    private async Task<IReadOnlyList<DataFile>> UploadAsync(TargetTable target, IReadOnlyList<EncodedFile> files, SortOrder sort, CancellationToken cancellationToken)
    {
        var metadata = target.Loaded.Metadata;
        var folder = metadata.Properties.GetValueOrDefault("write.data.path")?.TrimEnd('/') ?? $"{metadata.Location}/data";
        var uploaded = new List<DataFile>();
        await announcer.AnnounceAsync([.. files.Select(file => UriOf(target, folder, file))], cancellationToken);
        foreach (var encoded in files)
        {
            var (file, partition) = (encoded.File, encoded.Partition);
            var uri = UriOf(target, folder, encoded);
            encoded.Require();
            await Failpoints.HitAsync("wr.mid_put", cancellationToken);
            await store.PutNewFileAsync(uri, file.Path, cancellationToken);
            if (await store.HeadAsync(uri, cancellationToken) != file.ByteCount)
                throw new PhilotesException("PH311", $"The object {uri} does not have the {file.ByteCount} bytes that were uploaded. It is written again under another name; check the store.");
            await Failpoints.HitAsync("wr.after_put", cancellationToken);
            metrics.Uploaded(file.ByteCount);
            uploaded.Add(DataFile.FromParquet(file, uri, target.Spec.SpecId, partition) with { SortOrderId = sort.Fields.Count > 0 ? sort.OrderId : null });
        }

        return uploaded;
    }

    private static string UriOf(TargetTable target, string folder, EncodedFile file)
    {
        var path = target.Spec.IsPartitioned ? $"{folder}/{target.Spec.PartitionPath(target.Schema, file.Partition)}" : folder;
        return $"{path}/{Path.GetFileName(file.File.Path)}";
    }

    private DataFileOptions FileOptions(string folder, TargetTable target, SortOrder sort, ClaimedBatch batch)
    {
        var (open, each) = Share(options.Memory.Bytes / options.Parallelism, target.Spec.IsPartitioned);
        var encoder = new ParquetWriterOptions { MemoryByteMax = each, TempFolder = Path.Combine(folder, "spill"), Sort = sort };
        // A row group is held while it is encoded, and its longest column up to four times over: as values, in a buffer that doubles, and compressed. What is sorted needs most of the memory for itself;
        // of rows that are megabytes each, a few are a row group.
        var share = batch.ByteCount / Math.Max(1, batch.RowCount) > WideRowBytes ? 32 : sort.Fields.Count > 0 ? 16 : 8;
        return new DataFileOptions(folder, fileTarget.Bytes, open, encoder with { RowGroupByteMax = Math.Min(encoder.RowGroupByteMax, each / share) });
    }

    /// <summary>How many files are open at a time, and the bytes that the engine of each may hold. What waits in front of an engine is not its own, and comes off first.</summary>
    /// <param name="memory">Of the batch, in bytes.</param>
    internal static (int Open, long EngineBytes) Share(long memory, bool isPartitioned)
    {
        var open = isPartitioned ? (int)Math.Clamp(memory / (EncoderBytesMin + ChunkStream.QueuedByteMax), 1, PartitionsOpenMax) : 1;
        return (open, Math.Max((memory / open) - ChunkStream.QueuedByteMax, EncoderBytesMin));
    }

    private static string Name(ClaimedBatch batch) => string.Create(CultureInfo.InvariantCulture, $"{batch.BatchId:d10}-{batch.Token}");
}

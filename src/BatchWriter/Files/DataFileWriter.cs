using System.Globalization;
using Philotes.Buffer;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Streams a batch's events into local Parquet files, in the source's order within each file: one file at a time for an unpartitioned table, one
/// per partition otherwise, with a bound on how many are open. Holds one chunk and one row group per open file, whatever the batch's size.
/// Disposing removes files that were not completed.
/// </summary>
internal sealed class DataFileWriter(
    DataFileOptions options, IcebergSchema schema, ChangelogEncoder encoder, RowPartitioner? partitioner, UnchangedValues? unchanged, string namePrefix) : IDisposable
{
    private readonly Dictionary<PartitionValues, OpenFile> _open = [];
    private readonly List<EncodedFile> _finished = [];
    private readonly List<ParkedEvent> _parked = [];
    private OpenFile? _last;
    private double _sizeRatio = options.Parquet.SizeRatio;
    private int _fileCount;

    /// <summary>Rows in files so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Whether now is a good moment to stop: no file would be left that is much smaller than its target.</summary>
    public bool EndsWell => _open.Count == 0 ? _finished.Count > 0 : _open.Values.All(file => file.EstimatedByteCount >= options.FileByteTarget * 9 / 10);

    /// <summary>Events that a value rejected.</summary>
    public IReadOnlyList<ParkedEvent> Parked => _parked;

    public void Append(in EventRow sent)
    {
        var row = unchanged is null ? sent : unchanged.Complete(sent);
        var partition = partitioner is null ? PartitionValues.Empty : partitioner.Of(row);
        var file = _last is { } same && ReferenceEquals(same.Partition, partition) ? same : _open.TryGetValue(partition, out var open) ? open : Open(partition);
        _last = file;
        file.LastUsed = RowCount + _parked.Count;
        if (!encoder.TryEncode(row, file.Chunk, file.Filled))
        {
            _parked.Add(new ParkedEvent(row.Generation, row.Chunk, row.Ordinal, "PH401",
                $"The value of column '{encoder.RejectedBy}' cannot be held by its column in the lake, and on_outside is reject.", KeyHash: null));
            return;
        }

        RowCount++;
        if (file.Advance(row.OldRow.Length + row.NewRow.Length) && file.EstimatedByteCount >= options.FileByteTarget)
            CloseFull(file);
    }

    /// <summary>Finishes all files.</summary>
    public IReadOnlyList<EncodedFile> Complete()
    {
        foreach (var file in _open.Values.ToArray())
            Close(file);
        return _finished;
    }

    public void Dispose()
    {
        foreach (var file in _open.Values)
            file.Dispose();
    }

    private OpenFile Open(PartitionValues partition)
    {
        if (_open.Count == options.OpenFileMax)
            Close(_open.Values.MinBy(file => file.LastUsed)!);
        var name = string.Create(CultureInfo.InvariantCulture, $"{namePrefix}-{++_fileCount:d5}.parquet");
        var opened = new OpenFile(ParquetFileWriter.Create(options.Parquet with { SizeRatio = _sizeRatio }, schema, Path.Combine(options.Folder, name)), partition);
        _open.Add(partition, opened);
        return opened;
    }

    /// <summary>A file that is sorted is on disk only when it is finished, so the next one's size is guessed by what this one became.</summary>
    private void CloseFull(OpenFile file)
    {
        var raw = file.RawByteCount;
        Close(file);
        _sizeRatio = (double)_finished[^1].File.ByteCount / raw;
    }

    private void Close(OpenFile file)
    {
        _open.Remove(file.Partition);
        _last = null;
        using (file)
        {
            if (file.Complete() is { } finished)
                _finished.Add(finished);
        }
    }
}

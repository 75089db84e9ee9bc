namespace Philotes.Iceberg.Parquet;

/// <summary>
/// Guesses the size of the file so far: what lies on disk, and for the rows that are not yet there, their unencoded bytes by the
/// ratio that the file has shown; until it has shown one, by <paramref name="firstRatio"/>.
/// </summary>
internal sealed class EncodedSize(string path, double firstRatio)
{
    private long _rawByteCount;
    private long _rawOnDisk;
    private long _onDisk;

    public long RawByteCount => _rawByteCount;

    public void Add(long rawByteCount) => _rawByteCount += rawByteCount;

    /// <param name="takenShare">Of the rows, those that the encoder has taken: what was written is of them.</param>
    public long Estimate(double takenShare)
    {
        var file = new FileInfo(path);
        var length = file.Exists ? file.Length : 0;
        if (length > _onDisk)
        {
            _onDisk = length;
            _rawOnDisk = (long)(_rawByteCount * takenShare);
        }
        var ratio = _rawOnDisk > 0 ? Math.Min(1, (double)_onDisk / _rawOnDisk) : firstRatio;
        return _onDisk + (long)((_rawByteCount - _rawOnDisk) * ratio);
    }
}

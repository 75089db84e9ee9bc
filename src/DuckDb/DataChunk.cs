namespace Philotes.DuckDb;

/// <summary>
/// Up to <see cref="Capacity"/> rows, column by column. The object and its vectors stay the same for its whole life; the native
/// memory behind them is handed over with the rows and replaced, so a span taken from a vector is good until then and no longer.
/// </summary>
public sealed class DataChunk : IDisposable
{
    /// <summary>Rows of a full chunk: the vector size that the engine is built with.</summary>
    public const int Capacity = 2048;

    private readonly LogicalTypeHandle[] _types;
    private readonly Vector[] _vectors;
    private nint _handle;

    public DataChunk(IReadOnlyList<DuckDbField> columns)
    {
        _types = columns.Select(column => column.Type.CreateHandle()).ToArray();
        _vectors = columns.Select(column => new Vector(column.Type)).ToArray();
        Renew();
    }

    public IReadOnlyList<Vector> Vectors => _vectors;

    public Vector this[int column] => _vectors[column];

    /// <summary>Bytes of text and binary values in this chunk, so far.</summary>
    public long TextByteCount => _vectors.Sum(vector => vector.TextByteCount);

    /// <summary>About what the chunk holds in memory.</summary>
    internal long ByteCount => _vectors.Sum(vector => vector.ByteCount);

    public void Dispose()
    {
        if (_handle != 0)
            NativeMethods.DestroyDataChunk(ref _handle);
        Array.ForEach(_types, type => type.Dispose());
    }

    /// <summary>Gives the filled native chunk away, to be destroyed by the taker, and starts an empty one.</summary>
    internal nint Take(int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowCount, Capacity);
        foreach (var vector in _vectors)
            vector.Seal();
        var taken = _handle;
        NativeMethods.SetSize(taken, (ulong)rowCount);
        Renew();
        return taken;
    }

    private void Renew()
    {
        var types = Array.ConvertAll(_types, type => type.DangerousGetHandle());
        _handle = NativeMethods.CreateDataChunk(types, (ulong)types.Length);
        if (_handle == 0)
            throw new DuckDbException("DuckDB made no data chunk of these column types.");
        for (var column = 0; column < _vectors.Length; column++)
            _vectors[column].Bind(NativeMethods.GetVector(_handle, (ulong)column), Capacity);
    }
}

using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>Parses a server's UTF-8 text into one row of a vector. One instance per column and batch; not for several threads.</summary>
internal abstract class ColumnWriter
{
    /// <summary>False: the value is outside what the column can hold, and the row is as it was.</summary>
    public abstract bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text);
}

using System.Text;

namespace Philotes.DuckDb;

/// <summary>
/// Reads a chunk of VARCHAR vectors. A string is 16 bytes (duckdb_string_t): a length of 4 bytes, then up to 12 bytes in place, or a prefix of 4
/// bytes and a pointer.
/// </summary>
internal static unsafe class TextRows
{
    private const int InlineByteMax = 12;
    private const int StringByteCount = 16;

    public static void Read(nint chunk, List<string?[]> rows)
    {
        var rowCount = (int)NativeMethods.GetSize(chunk);
        var columnCount = (int)NativeMethods.GetColumnCount(chunk);
        var first = rows.Count;
        for (var row = 0; row < rowCount; row++)
            rows.Add(new string?[columnCount]);
        for (var column = 0; column < columnCount; column++)
        {
            var vector = NativeMethods.GetVector(chunk, (ulong)column);
            var data = (byte*)NativeMethods.VectorData(vector);
            var validity = NativeMethods.VectorValidity(vector);
            for (var row = 0; row < rowCount; row++)
            {
                var isValid = validity == null || (validity[row / 64] & (1UL << (row % 64))) != 0;
                rows[first + row][column] = isValid ? Text(data + (row * StringByteCount)) : null;
            }
        }
    }

    private static string Text(byte* value)
    {
        var length = *(int*)value;
        var bytes = length <= InlineByteMax ? value + 4 : *(byte**)(value + 8);
        return Encoding.UTF8.GetString(bytes, length);
    }
}

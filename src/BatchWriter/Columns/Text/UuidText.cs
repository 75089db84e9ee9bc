using System.Buffers.Text;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns.Text;

/// <summary>uuid_out, 36 characters, to the form that DuckDB keeps a uuid in.</summary>
internal static class UuidText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out Int128 value)
    {
        var fits = Utf8Parser.TryParse(text, out Guid guid, out var used, 'D') && used == text.Length;
        value = fits ? UuidValue.FromGuid(guid) : 0;
        return fits;
    }
}

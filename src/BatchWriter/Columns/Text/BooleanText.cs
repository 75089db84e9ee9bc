namespace Philotes.BatchWriter.Columns.Text;

/// <summary>Postgres boolout: one byte, <c>t</c> or <c>f</c>.</summary>
internal static class BooleanText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out bool value)
    {
        value = text is [(byte)'t'];
        return value || text is [(byte)'f'];
    }
}

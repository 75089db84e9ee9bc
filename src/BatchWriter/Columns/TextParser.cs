namespace Philotes.BatchWriter.Columns;

/// <summary>Parses the server's text of one value. False: the value does not fit the column.</summary>
internal delegate bool TextParser<T>(ReadOnlySpan<byte> text, out T value)
    where T : unmanaged;

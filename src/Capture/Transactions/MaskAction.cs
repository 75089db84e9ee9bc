namespace Philotes.Capture.Transactions;

/// <summary>What becomes of one column of a tuple before it is buffered.</summary>
internal enum MaskAction
{
    Keep,
    /// <summary>The hexadecimal SHA-256 of salt and text instead of the text; NULL stays NULL.</summary>
    Hash,
    Null,
    /// <summary>The column is not there at all.</summary>
    Drop,
}

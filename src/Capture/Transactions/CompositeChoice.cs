namespace Philotes.Capture.Transactions;

/// <summary>The types that a row is of, while that is in doubt.</summary>
/// <param name="Types">As ColumnSchema.Type has them, in the order of the rows.</param>
/// <param name="IsCertain">False: the row's text could be of either state, and only the order of transaction ids decided.</param>
internal sealed record CompositeChoice(IReadOnlyList<string> Types, bool IsCertain);

using Philotes.BatchWriter.Columns;

namespace Philotes.BatchWriter.Files;

/// <summary>Where one source column's values go.</summary>
/// <param name="Vector">Index of its vector in the chunk.</param>
/// <param name="BeforeField">Index of its field in <c>_cdc_before</c>, or −1.</param>
/// <param name="BeforeWriter">Writes into that field; null without one.</param>
internal sealed record SourceColumn(string Name, int Vector, ColumnWriter Writer, int BeforeField, ColumnWriter? BeforeWriter);

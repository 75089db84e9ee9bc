using Philotes.BatchWriter.Columns;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Files;

/// <summary>Where one source column's values go.</summary>
/// <param name="Vector">Index of its vector in the chunk.</param>
/// <param name="BeforeField">Index of its field in <c>_cdc_before</c>, or −1.</param>
/// <param name="BeforeWriter">Writes into that field; null without one.</param>
/// <param name="OnOutside">What becomes of a value that the column cannot hold.</param>
internal sealed record SourceColumn(string Name, int Vector, ColumnWriter Writer, int BeforeField, ColumnWriter? BeforeWriter, OnOutside OnOutside)
{
    /// <summary>How a value of its field in <c>_cdc_before</c> is named where one is recorded.</summary>
    public string BeforeName { get; } = $"{Tables.OurColumns.Before}.{Name}";
}

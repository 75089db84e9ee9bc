using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>Where the type map leaves a choice, for one column.</summary>
/// <param name="NativeTime"><c>time: time</c> instead of the text that every engine reads.</param>
/// <param name="UnboundedNumeric"><c>numeric: decimal(p,s)</c> for a numeric that has no decimal of its own; null keeps its exact text.</param>
/// <param name="AsText"><c>as: string</c>: the server's exact text, whatever the type.</param>
/// <param name="Name">The column's name in the lake, when it is made there; null for the source's.</param>
/// <param name="Dimensions">Of an array, where the source's catalog has lost them; null for the declared ones.</param>
internal sealed record ColumnChoices(bool NativeTime = false, DecimalType? UnboundedNumeric = null, bool AsText = false, int? Dimensions = null, string? Name = null);

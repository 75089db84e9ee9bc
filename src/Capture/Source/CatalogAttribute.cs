namespace Philotes.Capture.Source;

/// <summary>A row of pg_attribute, as it is when it is read: later than the place in the log that it is asked for.</summary>
/// <param name="Changed">xmin: the transaction that made the row what it is, for a dropped column the one that dropped it.</param>
/// <param name="Command">cmin: after how many changes of its own that transaction did so.</param>
internal sealed record CatalogAttribute(int Number, string Name, uint TypeOid, int TypeModifier, bool IsDropped, bool IsGenerated, uint Changed, uint Command);

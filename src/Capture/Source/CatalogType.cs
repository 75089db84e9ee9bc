namespace Philotes.Capture.Source;

/// <summary>One row of the source's pg_type, as far as a column's text depends on it.</summary>
/// <param name="Kind">pg_type.typtype: <c>b</c>, <c>c</c>, <c>d</c>, <c>e</c>, <c>r</c>, <c>m</c> …</param>
/// <param name="Base">Of a domain, with the modifier and the dimensions that it gives its base.</param>
/// <param name="Element">Of a true array; else 0.</param>
/// <param name="Delimiter">Between the elements of this array's text.</param>
/// <param name="Extension">The extension that owns the type; null for one of the server's or of a user.</param>
internal sealed record CatalogType(uint Oid, char Kind, uint Base, int BaseModifier, int BaseDimensions, uint Element, char Delimiter, string? Extension, string Name);

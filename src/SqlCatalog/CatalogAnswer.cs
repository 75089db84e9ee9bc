namespace Philotes.SqlCatalog;

/// <summary>What goes back for one request.</summary>
/// <param name="Body">JSON; null when there is none.</param>
public sealed record CatalogAnswer(int Status, string? ETag, ReadOnlyMemory<byte>? Body);

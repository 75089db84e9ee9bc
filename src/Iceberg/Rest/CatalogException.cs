namespace Philotes.Iceberg.Rest;

/// <summary>A catalog could not be used: which catalog, what was asked, what it said. The sealed kinds say what to do.</summary>
public abstract class CatalogException(string message, Exception? innerException = null) : IcebergException(message, innerException);

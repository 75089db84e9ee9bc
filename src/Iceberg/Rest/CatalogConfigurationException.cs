namespace Philotes.Iceberg.Rest;

/// <summary>The catalog's own configuration cannot be followed; the message says which value and what would be right.</summary>
public sealed class CatalogConfigurationException(string message) : CatalogException(message);

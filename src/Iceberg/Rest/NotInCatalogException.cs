namespace Philotes.Iceberg.Rest;

/// <summary>The table or namespace does not exist (or is hidden from these credentials).</summary>
public sealed class NotInCatalogException(string name, Uri catalog, string text)
    : CatalogException($"'{name}' is not in the catalog at {catalog}: {text} Create it first, or check the name and the rights.")
{
    public string Name { get; } = name;
}

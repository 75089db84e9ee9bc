namespace Philotes.Hosting;

/// <summary>How a catalog is spoken to.</summary>
public enum CatalogType
{
    Rest,
    Sql,
}

namespace Philotes.Iceberg.Rest;

/// <summary>The catalog said no: credentials, rights, an unsupported operation, a malformed name. Trying again unchanged does not help.</summary>
public sealed class CatalogRefusedException(string operation, Uri catalog, int status, string errorType, string text)
    : CatalogException($"The catalog at {catalog} refused to {operation} ({status} {errorType}): {text} Change the request, the credentials or the catalog's configuration.")
{
    public int Status { get; } = status;

    /// <summary>The catalog's own name of the error; catalogs differ, so only for showing.</summary>
    public string ErrorType { get; } = errorType;

    public string Text { get; } = text;
}

namespace Philotes.Iceberg.Storage;

/// <summary>Finds the store of a URI by its scheme.</summary>
public static class ObjectStores
{
    public static IObjectStore For(string uri) => Scheme(uri) switch
    {
        "file" => new LocalObjectStore(),
        var scheme => throw new ObjectStoreException(
            ObjectStoreFailure.InvalidName, uri, $"There is no object store for '{uri}': the scheme '{scheme}' is not known; 'file' is."),
    };

    private static string Scheme(string uri) => uri.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? uri[..end] : "";
}

namespace Philotes.SqlCatalog;

/// <summary>An answer of the protocol that is not a success: HTTP status and the type name that Iceberg's clients know.</summary>
internal sealed class CatalogException : Exception
{
    CatalogException(int status, string type, string message) : base(message) => (Status, Type) = (status, type);

    public int Status { get; }

    public string Type { get; }

    public static CatalogException BadRequest(string message) => new(400, "BadRequestException", message);

    /// <summary>A bad request that Java's clients throw again as their own IllegalArgumentException.</summary>
    public static CatalogException IllegalArgument(string message) => new(400, "IllegalArgumentException", message);

    public static CatalogException NoNamespace(object name) => new(404, "NoSuchNamespaceException", $"Namespace does not exist: {name}");

    public static CatalogException NoTable(object name) => new(404, "NoSuchTableException", $"Table does not exist: {name}");

    public static CatalogException NoView(object name) => new(404, "NoSuchViewException", $"View does not exist: {name}");

    public static CatalogException NoFile(string location) => new(404, "NotFoundException", $"Failed to open input stream for file: {location}");

    public static CatalogException NoRoute(string method, string path) => new(404, "NoSuchEndpointException", $"No such endpoint: {method} {path}");

    public static CatalogException AlreadyExists(string message) => new(409, "AlreadyExistsException", message);

    public static CatalogException NotEmpty(object name) => new(409, "NamespaceNotEmptyException", $"Namespace {name} is not empty");

    public static CatalogException CommitFailed(string message) => new(409, "CommitFailedException", message);

    public static CatalogException Unprocessable(string message) => new(422, "UnprocessableEntityException", message);

    public static CatalogException Unavailable(string message) => new(503, "ServiceUnavailableException", message);
}

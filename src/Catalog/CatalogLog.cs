using Microsoft.Extensions.Logging;

namespace Philotes.Catalog;

/// <summary>The catalog's log lines, event ids from 4000.</summary>
internal static partial class CatalogLog
{
    [LoggerMessage(4001, LogLevel.Information, "Catalog {Name} listened on {Uri}, warehouse {Warehouse}")]
    public static partial void Listening(this ILogger logger, string name, Uri uri, string warehouse);

    [LoggerMessage(4003, LogLevel.Warning, "File {Location} is not needed any more and could not be removed")]
    public static partial void FileStayed(this ILogger logger, string location, Exception exception);

    [LoggerMessage(4004, LogLevel.Warning, "File {Location} could not be read; what it refers to stays")]
    public static partial void FileUnread(this ILogger logger, string location, Exception exception);

    [LoggerMessage(4002, LogLevel.Error, "Request {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception exception);
}

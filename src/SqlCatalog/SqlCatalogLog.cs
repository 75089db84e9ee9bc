using Microsoft.Extensions.Logging;

namespace Philotes.SqlCatalog;

/// <summary>The catalog's log lines, event ids from 4500.</summary>
internal static partial class SqlCatalogLog
{
    [LoggerMessage(4501, LogLevel.Warning, "File {Location} is not needed any more and could not be removed")]
    public static partial void FileStayed(this ILogger logger, string location, Exception exception);

    [LoggerMessage(4502, LogLevel.Warning, "File {Location} could not be read; what it refers to stays")]
    public static partial void FileUnread(this ILogger logger, string location, Exception exception);

    [LoggerMessage(4503, LogLevel.Error, "Request {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception exception);
}

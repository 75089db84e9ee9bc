using Microsoft.Extensions.Logging;

namespace Philotes.Catalog;

/// <summary>The catalog's log lines, event ids from 4000.</summary>
internal static partial class CatalogLog
{
    [LoggerMessage(4001, LogLevel.Information, "Catalog {Name} listened on {Uri}, warehouse {Warehouse}")]
    public static partial void Listening(this ILogger logger, string name, Uri uri, string warehouse);
}

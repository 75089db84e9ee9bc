using Microsoft.Extensions.Logging;

namespace Philotes.Hosting;

static partial class ObservabilityLog
{
    [LoggerMessage(6001, LogLevel.Information, "Health and metrics answered at {Address}")]
    public static partial void ObservabilityListens(this ILogger logger, string address);
}

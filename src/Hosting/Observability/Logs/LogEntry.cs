using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>A message before it is a line. Fields are the named values of its template.</summary>
readonly record struct LogEntry(
    LogLevel Level, string Category, EventId EventId, string Message, IReadOnlyList<KeyValuePair<string, object?>> Fields, Exception? Exception)
{
    /// <summary>The PH code: of the message's own Code value, else of the failure it reports.</summary>
    public string? Code => Fields.FirstOrDefault(pair => pair.Key == "Code").Value?.ToString() ?? (Exception as PhilotesException)?.Code;
}

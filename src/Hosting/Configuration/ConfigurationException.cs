using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>The configuration cannot be used; the message names every error, one a line.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationError> errors)
    : PhilotesException("PH601", string.Join('\n', errors))
{
    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;
}

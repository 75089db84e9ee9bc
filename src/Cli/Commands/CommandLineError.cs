using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>An argument that parsed as a word and does not make sense.</summary>
static class CommandLineError
{
    public static ConfigurationException Of(string argument, string problem) =>
        new([new ConfigurationError(new ConfigurationOrigin("command line"), argument, problem)]);
}

using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>The options by which every command finds its configuration.</summary>
sealed class ConfigurationArguments
{
    readonly Option<string?> _file = new("--config", "-c")
    {
        Description = "Configuration file; else PHILOTES_CONFIG, else ./philotes.yaml.",
        Recursive = true,
    };

    readonly Option<string[]> _overrides = new("--set")
    {
        Description = "section.key=value, over the file and the environment; may be repeated.",
        Recursive = true,
        AllowMultipleArgumentsPerToken = false,
    };

    public IEnumerable<Option> Options => [_file, _overrides];

    /// <summary>The same words again, for another command.</summary>
    public IEnumerable<string> Repeat(ParseResult parsed) =>
    [
        .. parsed.GetValue(_file) is { } file ? new[] { "--config", file } : [],
        .. (parsed.GetValue(_overrides) ?? []).SelectMany(setting => new[] { "--set", setting }),
    ];

    public LoadedConfiguration Load(ParseResult parsed)
    {
        var environment = PhilotesConfiguration.Environment();
        var file = ProgramArguments.ResolveFile(parsed.GetValue(_file), environment);
        return PhilotesConfiguration.Load(file, environment, parsed.GetValue(_overrides) ?? []);
    }
}

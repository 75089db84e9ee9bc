namespace Philotes.Hosting;

/// <summary>The few arguments of our services: <c>--config FILE</c>, <c>--set key=value</c> any number of times, <c>--version</c>, <c>--list-failpoints</c>, <c>--help</c>.</summary>
public sealed record ProgramArguments(string? ConfigFile, IReadOnlyList<string> Overrides, bool Version, bool Help, bool ListFailpoints, string? Problem)
{
    public static ProgramArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new ProgramArguments(ConfigFile: null, Overrides: [], Version: false, Help: false, ListFailpoints: false, Problem: null);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            parsed = name switch
            {
                "--version" => parsed with { Version = true },
                "--list-failpoints" => parsed with { ListFailpoints = true },
                "--help" or "-h" => parsed with { Help = true },
                "--config" or "-c" when (inline ?? Next()) is { } file => parsed with { ConfigFile = file },
                "--set" when (inline ?? Next()) is { } setting => parsed with { Overrides = [.. parsed.Overrides, setting] },
                "--config" or "-c" or "--set" => parsed with { Problem = $"{name} needs a value" },
                _ => parsed with { Problem = $"'{args[i]}' is not known; known are --config FILE, --set key=value, --version and --help" },
            };

            string? Next() => i + 1 < args.Count ? args[++i] : null;
        }
        return parsed;
    }

    /// <summary>The file to read: the one asked for, else PHILOTES_CONFIG, else ./philotes.yaml where there is one, else none.</summary>
    public static string? ResolveFile(string? asked, IReadOnlyDictionary<string, string?> environment) =>
        asked ?? environment.GetValueOrDefault("PHILOTES_CONFIG") ?? (File.Exists("philotes.yaml") ? "philotes.yaml" : null);

    static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return argument.StartsWith("--", StringComparison.Ordinal) && equals > 0 ? (argument[..equals], argument[(equals + 1)..]) : (argument, null);
    }
}

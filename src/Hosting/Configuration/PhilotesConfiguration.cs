namespace Philotes.Hosting;

/// <summary>
/// Reads the configuration: the file, over it the environment (<c>PHILOTES__SOURCE__SLOT</c>), over it the command line
/// (<c>--set source.slot=x</c>). Every error is found before any is reported.
/// </summary>
public static class PhilotesConfiguration
{
    /// <param name="file">Path of the YAML file; null for none.</param>
    /// <param name="environment">All variables; those that begin with <c>PHILOTES__</c> are taken, <c>${env:X}</c> looks here too.</param>
    /// <param name="overrides"><c>section.key=value</c>; <c>section:key=value</c> where a key holds a dot.</param>
    /// <exception cref="ConfigurationException">Every error, with file, line, key and what would be right.</exception>
    public static LoadedConfiguration Load(string? file, IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> overrides)
    {
        List<ConfigurationError> errors = [];
        var root = ConfigurationSources.Read(file, environment, overrides, errors);
        var binder = new OptionsBinder(environment, errors);
        var options = binder.Bind(root);
        ConfigurationChecks.Run(options, binder, errors);
        return errors.Count == 0 ? new LoadedConfiguration(options, binder.Origins, binder.Warnings) : throw new ConfigurationException(errors);
    }

    /// <summary>The environment of this process.</summary>
    public static IReadOnlyDictionary<string, string?> Environment()
    {
        var variables = System.Environment.GetEnvironmentVariables();
        return variables.Keys.Cast<string>().ToDictionary(name => name, name => (string?)variables[name], StringComparer.Ordinal);
    }
}

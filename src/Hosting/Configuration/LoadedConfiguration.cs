namespace Philotes.Hosting;

/// <summary>The options, and for every key that was set where it was said.</summary>
public sealed class LoadedConfiguration(
    PhilotesOptions options, IReadOnlyDictionary<string, ConfigurationOrigin> origins, IReadOnlyList<ConfigurationError> warnings)
{
    public PhilotesOptions Options { get; } = options;

    /// <summary>By key, <c>source.connection.host</c> and <c>tables[0].match</c>. A key that is missing here has its default.</summary>
    public IReadOnlyDictionary<string, ConfigurationOrigin> Origins { get; } = origins;

    /// <summary>What is allowed but should not stay, such as a secret given inline.</summary>
    public IReadOnlyList<ConfigurationError> Warnings { get; } = warnings;

    /// <summary>The options, once the sections that a process cannot do without are there.</summary>
    public PhilotesOptions Require(PhilotesProcess process)
    {
        List<(object? Section, string Key)> needed = process switch
        {
            PhilotesProcess.Capture => [(Options.Source.Connection, "source.connection"), (Options.Buffer.Connection, "buffer.connection")],
            PhilotesProcess.BatchWriter => [(Options.Buffer.Connection, "buffer.connection"), (Options.Lake.Catalog, "lake.catalog")],
            PhilotesProcess.Catalog => [(Options.Catalog.Connection, "catalog.connection")],
            _ => [],
        };
        var errors = needed.Where(need => need.Section is null)
            .Select(need => new ConfigurationError(ConfigurationOrigin.Default, need.Key, $"is missing; {process} cannot run without it"))
            .ToList();
        return errors.Count == 0 ? Options : throw new ConfigurationException(errors);
    }
}

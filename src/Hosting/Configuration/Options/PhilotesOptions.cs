using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>The whole of <c>philotes.yaml</c>. Every process reads the same file and uses the sections it needs.</summary>
public sealed record PhilotesOptions
{
    [Description("Version of this file's shape.")]
    [Between("1", "1")]
    public int Version { get; init; } = 1;

    [Description("The Postgres database whose changes are captured.")]
    public SourceOptions Source { get; init; } = new();

    [Description("The Postgres database that holds captured changes until the lake has them.")]
    public BufferOptions Buffer { get; init; } = new();

    [Description("How the batch writer works.")]
    public WriterOptions Writer { get; init; } = new();

    [Description("Where the Iceberg tables are.")]
    public LakeOptions Lake { get; init; } = new();

    [Description("The embedded catalog, philotes-catalog. Not needed with a catalog of your own.")]
    public CatalogOptions Catalog { get; init; } = new();

    [Description("Settings of every table that no rule changes.")]
    public TableDefaults Defaults { get; init; } = new();

    [Description("Which tables are captured, and how. A later rule that matches overrides an earlier one, key by key.")]
    public IReadOnlyList<TableRule> Tables { get; init; } = [];

    [Description("Logs, health, metrics.")]
    public ObservabilityOptions Observability { get; init; } = new();

    /// <summary>The settings of one source table; null when no rule matches it, which means that it is not captured.</summary>
    public TableSettings? For(string schema, string table) => TableSettings.Resolve(this, schema, table);
}

using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>Which tables, and what is different for them; null and empty leave what the defaults or an earlier rule said.</summary>
public sealed record TableRule
{
    [Description("Tables by schema.table; * and ? are wildcards, a part in double quotes is taken as it is written.")]
    [Mandatory]
    public TablePattern? Match { get; init; }

    [Description("Tables that this rule does not mean although they match.")]
    public IReadOnlyList<TablePattern> Exclude { get; init; } = [];

    [Description("changelog or mirror.")]
    public TableMode? Mode { get; init; }

    [Description("Whether rows that the table has already are copied.")]
    public InitialCopy? Copy { get; init; }

    [Description("When changes are committed to the lake.")]
    public CommitRule Commit { get; init; } = new();

    [Description("How Postgres types become Iceberg types, by type name.")]
    public IReadOnlyDictionary<string, string> Types { get; init; } = new Dictionary<string, string>();

    [Description("What is different for single columns, by the column's name at the source.")]
    public IReadOnlyDictionary<string, ColumnRule> Columns { get; init; } = new Dictionary<string, ColumnRule>();

    [Description("What becomes of a value that the column cannot hold.")]
    public OnOutside? OnOutside { get; init; }

    [Description("What _cdc_before holds.")]
    public BeforeImage? Before { get; init; }

    [Description("What follows when a column gets another type.")]
    public OnTypeChange? OnTypeChange { get; init; }

    [Description("What follows when a column is dropped.")]
    public OnDropColumn? OnDropColumn { get; init; }

    [Description("What follows when a table is dropped and another is created under its name.")]
    public OnRecreate? OnRecreate { get; init; }

    [Description("What a TRUNCATE does to a mirror.")]
    public OnTruncate? OnTruncate { get; init; }

    [Description("What happens to a change that can never be written.")]
    public OnPoison? OnPoison { get; init; }

    [Description("Partition fields of a new table, in order: a column, or day(c), month(c), year(c), hour(c), bucket(n,c), truncate(n,c).")]
    public IReadOnlyList<string> Partition { get; init; } = [];

    [Description("Sort order of a new table, in order: a column or a transform as in partition, then asc or desc.")]
    public IReadOnlyList<string> Sort { get; init; } = [];

    [Description("Iceberg table properties.")]
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}

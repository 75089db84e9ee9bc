using System.Globalization;
using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>What holds for one source table, after the defaults and every rule that matches it.</summary>
public sealed record TableSettings
{
    const string ChangelogSuffix = "_changelog";

    public required TableName Source { get; init; }

    /// <summary>Namespace in the lake, from <c>lake.namespace</c>.</summary>
    public required string LakeNamespace { get; init; }

    /// <summary>Table in the lake, from <c>lake.table</c>, with <c>_changelog</c> for a changelog.</summary>
    public required string LakeTable { get; init; }

    public required TableMode Mode { get; init; }

    public required InitialCopy Copy { get; init; }

    public required CommitOptions Commit { get; init; }

    public required IReadOnlyDictionary<string, string> Types { get; init; }

    /// <summary>Options of single columns, by the column's name at the source.</summary>
    public IReadOnlyDictionary<string, ColumnRule> Columns { get; init; } = new Dictionary<string, ColumnRule>();

    public required OnOutside OnOutside { get; init; }

    public required BeforeImage Before { get; init; }

    public required OnTypeChange OnTypeChange { get; init; }

    public required OnDropColumn OnDropColumn { get; init; }

    public required OnRecreate OnRecreate { get; init; }

    public required OnTruncate OnTruncate { get; init; }

    public required OnPoison OnPoison { get; init; }

    public required IReadOnlyList<string> Partition { get; init; }

    public required IReadOnlyList<string> Sort { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>For the n-th source table of this name, where it gets a lake table of its own: <c>orders_2</c>, <c>orders_2_changelog</c>.</summary>
    public TableSettings ForIncarnation(int number)
    {
        var suffix = Mode == TableMode.Changelog ? ChangelogSuffix : "";
        return this with { LakeTable = string.Create(CultureInfo.InvariantCulture, $"{LakeTable[..^suffix.Length]}_{number}{suffix}") };
    }

    internal static TableSettings? Resolve(PhilotesOptions options, string schema, string table)
    {
        var rules = options.Tables.Where(rule => Applies(rule, schema, table)).ToList();
        if (rules.Count == 0)
            return null;
        var settings = rules.Aggregate(FromDefaults(options, schema, table), (current, rule) => current.With(rule));
        return settings.Mode == TableMode.Changelog ? settings with { LakeTable = settings.LakeTable + ChangelogSuffix } : settings;
    }

    static bool Applies(TableRule rule, string schema, string table) =>
        rule.Match!.Matches(schema, table) && !rule.Exclude.Any(pattern => pattern.Matches(schema, table));

    static TableSettings FromDefaults(PhilotesOptions options, string schema, string table) => new()
    {
        Source = new TableName(schema, table),
        LakeNamespace = Expand(options.Lake.Namespace, options.Source.Name, schema, table),
        LakeTable = Expand(options.Lake.Table, options.Source.Name, schema, table),
        Mode = options.Defaults.Mode,
        Copy = options.Defaults.Copy,
        Commit = options.Defaults.Commit,
        Types = options.Defaults.Types,
        OnOutside = options.Defaults.OnOutside,
        Before = options.Defaults.Before,
        OnTypeChange = options.Defaults.OnTypeChange,
        OnDropColumn = options.Defaults.OnDropColumn,
        OnRecreate = options.Defaults.OnRecreate,
        OnTruncate = options.Defaults.OnTruncate,
        OnPoison = options.Defaults.OnPoison,
        Partition = [],
        Sort = [],
        Properties = options.Defaults.Properties,
    };

    TableSettings With(TableRule rule) => this with
    {
        Mode = rule.Mode ?? Mode,
        Copy = rule.Copy ?? Copy,
        Commit = new CommitOptions
        {
            MinRows = rule.Commit.MinRows ?? Commit.MinRows,
            MinBytes = rule.Commit.MinBytes ?? Commit.MinBytes,
            MaxAge = rule.Commit.MaxAge ?? Commit.MaxAge,
            MaxRows = rule.Commit.MaxRows ?? Commit.MaxRows,
            MaxBytes = rule.Commit.MaxBytes ?? Commit.MaxBytes,
        },
        Types = Merge(Types, rule.Types),
        Columns = Merge(Columns, rule.Columns),
        OnOutside = rule.OnOutside ?? OnOutside,
        Before = rule.Before ?? Before,
        OnTypeChange = rule.OnTypeChange ?? OnTypeChange,
        OnDropColumn = rule.OnDropColumn ?? OnDropColumn,
        OnRecreate = rule.OnRecreate ?? OnRecreate,
        OnTruncate = rule.OnTruncate ?? OnTruncate,
        OnPoison = rule.OnPoison ?? OnPoison,
        Partition = rule.Partition.Count > 0 ? rule.Partition : Partition,
        Sort = rule.Sort.Count > 0 ? rule.Sort : Sort,
        Properties = Merge(Properties, rule.Properties),
    };

    static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second)
    {
        var merged = new Dictionary<string, string>(first, StringComparer.Ordinal);
        foreach (var (key, value) in second)
            merged[key] = value;
        return merged;
    }

    static Dictionary<string, ColumnRule> Merge(IReadOnlyDictionary<string, ColumnRule> first, IReadOnlyDictionary<string, ColumnRule> second)
    {
        var merged = new Dictionary<string, ColumnRule>(first, StringComparer.Ordinal);
        foreach (var (column, rule) in second)
            merged[column] = merged.TryGetValue(column, out var earlier) ? earlier.With(rule) : rule;
        return merged;
    }

    /// <summary>One pass over the template, so that a table called <c>{schema}</c> stays what it is.</summary>
    static string Expand(string template, string source, string schema, string table) =>
        string.Concat(Template.Split(template).Select(part => part switch
        {
            "{source}" => source,
            "{schema}" => schema,
            "{table}" => table,
            _ => part,
        }));
}

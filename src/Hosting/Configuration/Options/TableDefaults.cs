using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record TableDefaults
{
    [Description("changelog: every change is a row of {table}_changelog. mirror: {table} equals the source.")]
    public TableMode Mode { get; init; } = TableMode.Changelog;

    [Description("initial: rows that a table has when it is taken up are copied first. never: only what changes from then on.")]
    public InitialCopy Copy { get; init; } = InitialCopy.Initial;

    [Description("When changes are committed to the lake: at the first limit reached.")]
    public CommitOptions Commit { get; init; } = new();

    [Description("How Postgres types become Iceberg types, where there is a choice, by type name: \"time: time\".")]
    public IReadOnlyDictionary<string, string> Types { get; init; } = new Dictionary<string, string>();

    [Description("What becomes of a value that the column cannot hold.")]
    public OnOutside OnOutside { get; init; } = OnOutside.Null;

    [Description("What _cdc_before holds: the key where an update changed it, or the whole old row.")]
    public BeforeImage Before { get; init; } = BeforeImage.Key;

    [Description("What follows when a column gets another type.")]
    public OnTypeChange OnTypeChange { get; init; } = OnTypeChange.NewColumn;

    [Description("What follows when a column is dropped.")]
    public OnDropColumn OnDropColumn { get; init; } = OnDropColumn.Keep;

    [Description("What follows when a table is dropped and another is created under its name.")]
    public OnRecreate OnRecreate { get; init; } = OnRecreate.Block;

    [Description("What a TRUNCATE does to a mirror.")]
    public OnTruncate OnTruncate { get; init; } = OnTruncate.DeleteAll;

    [Description("What happens to a change that can never be written.")]
    public OnPoison OnPoison { get; init; } = OnPoison.BlockTable;

    [Description("Iceberg table properties.")]
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}

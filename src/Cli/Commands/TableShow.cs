using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Philotes.Buffer;
using Philotes.BatchWriter.Operations;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>tables show</c>: which column is which at the source and in the lake, the policies, and the history of the schema.</summary>
static class TableShow
{
    static readonly Listing<TableDescription> Table = new("table", "",
        new("schema", "Schema of the table, as it was first seen.", t => t.Name.Schema),
        new("table", "The table.", t => t.Name.Table),
        new("now", "Its name now.", t => t.NameNow.ToString()),
        new("incarnation", "Which of the tables of this name it is.", t => t.Incarnation),
        new("lakeTable", "Where its changes go.", t => t.LakeTable),
        new("replicaIdentity", "d default, i index, f full, n nothing.", t => t.ReplicaIdentity.ToString()),
        new("policies", "What follows where there is a choice.", t => new RawJson(JsonSerializer.Serialize(Policies(t.Settings).ToDictionary(policy => policy.Name, policy => policy.Choice)))),
        new("replaced", "Values that the lake's columns cannot hold: NULL there, kept in philotes.value_exception.", t => t.ReplacedValues),
        new("columns", "name, number, sourceType, isKey, lakeName, fieldId, lakeType and state of each.", t => Raw(t.Columns)),
        new("history", "version, lsn, changes and notices of each schema version, oldest first.", t => Raw(t.History.Select(v => new { v.Version, Lsn = v.Lsn.ToString(), v.Changes, v.Notices }))));

    static readonly Listing<DescribedColumn> Columns = new("columns", "",
        new("name", "", c => c.Name, "COLUMN", c => c.IsKey ? $"{c.Name} (key)" : c.Name ?? ""),
        new("number", "", c => c.Number, "NO") { RightAligned = true },
        new("source", "", c => c.SourceType, "SOURCE TYPE"),
        new("field", "", c => c.FieldId, "FIELD") { RightAligned = true },
        new("lake", "", c => c.LakeName, "LAKE COLUMN"),
        new("type", "", c => c.LakeType, "ICEBERG TYPE"),
        new("state", "", c => c.State, "STATE"));

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static ReadVerb Build(ConfigurationArguments configuration)
    {
        var name = new Argument<string>("table") { Description = "schema.table" };
        return ReadVerb.Show("show", "One table: its columns at the source and in the lake, its policies, the history of its schema.", Table, [name], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var table = await TableCommands.FindAsync(new BufferStatus(buffer), TableText.Parse(parsed.GetValue(name)!), cancellationToken);
            return await TableDescription.ReadAsync(options, table.TableId, cancellationToken) with { ReplacedValues = table.ReplacedValues };
        }, Write);
    }

    static void Write(TextWriter output, TableDescription table)
    {
        output.WriteLine($"{table.Name}{(table.NameNow == table.Name ? "" : $", now {table.NameNow}")}{(table.Incarnation > 1 ? $", incarnation {table.Incarnation.ToString(CultureInfo.InvariantCulture)}" : "")}  →  {table.LakeTable}");
        output.WriteLine(string.Join("   ", Policies(table.Settings).Select(policy => $"{policy.Name}: {policy.Choice}")));
        if (table.ReplacedValues > 0)
            output.WriteLine($"values replaced by NULL: {Amounts.Count(table.ReplacedValues)} (select * from philotes.value_exception)");
        output.WriteLine();
        Columns.WriteTable(output, table.Columns);
        output.WriteLine();
        foreach (var version in table.History)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"version {version.Version} from {version.Lsn}: {TerminalText.Clean(string.Join("; ", version.Changes))}"));
            foreach (var notice in version.Notices)
                output.WriteLine($"  {notice.Code}: {TerminalText.Clean(notice.Text)}");
        }
    }

    static IEnumerable<(string Name, string Choice)> Policies(TableSettings settings) =>
    [
        ("on_outside", Spelled(settings.OnOutside)), ("on_type_change", Spelled(settings.OnTypeChange)),
        ("on_drop_column", Spelled(settings.OnDropColumn)), ("on_recreate", Spelled(settings.OnRecreate)),
    ];

    static string Spelled(Enum choice) => JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString());

    static RawJson Raw<T>(IEnumerable<T> items) => new(JsonSerializer.Serialize(items, Json));
}

using System.CommandLine;

namespace Philotes.Cli;

/// <summary><c>--output</c> and <c>--json</c>, which is the same as <c>--output json</c>.</summary>
sealed class FormatOptions
{
    readonly Option<bool> _json = new("--json") { Description = "The same as --output json." };
    readonly Option<string> _output = new("--output") { Description = "table, json, yaml or csv; json and yaml have a stable shape.", DefaultValueFactory = _ => "table" };

    public FormatOptions() => _output.AcceptOnlyFromAmong("table", "json", "yaml", "csv");

    public IEnumerable<Option> All => [_json, _output];

    public OutputFormat Of(ParseResult parsed) => parsed.GetValue(_json) ? OutputFormat.Json : parsed.GetValue(_output) switch
    {
        "json" => OutputFormat.Json,
        "yaml" => OutputFormat.Yaml,
        "csv" => OutputFormat.Csv,
        _ => OutputFormat.Table,
    };
}

using System.CommandLine;
using Philotes.Cli.Dev;

namespace Philotes.Cli;

/// <summary><c>dev</c>: capture, writer and catalog in one process against a database of one's own.</summary>
static class DevCommand
{
    public static Command Build()
    {
        var source = new Option<string>("--source") { Description = "Connection string: \"Host=...;Database=...;Username=...;Password=...\".", Required = true };
        var tables = new Option<string[]>("--tables") { Description = "Patterns of tables, schema.table.", DefaultValueFactory = _ => ["*.*"], AllowMultipleArgumentsPerToken = true };
        var folder = new Option<string>("--folder") { Description = "Where buffer and warehouse are kept.", DefaultValueFactory = _ => "philotes-data" };
        var command = new Command("dev", "Runs everything in one process against a database, with the buffer in an embedded Postgres.") { source, tables, folder };
        command.SetAction((parsed, cancellationToken) => new DevRun(
            DevOptions.Parse(parsed.GetValue(source)!, parsed.GetValue(tables)!, parsed.GetValue(folder)!),
            parsed.InvocationConfiguration.Output).RunAsync(cancellationToken));
        return command;
    }
}

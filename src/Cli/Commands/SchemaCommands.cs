using System.CommandLine;
using Npgsql;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>schema up | status</c>: the buffer's tables and functions.</summary>
static class SchemaCommands
{
    static readonly Listing<(string State, string Name)> Migrations = new("migrations", "This build has no migrations.",
        new("state", "ran, pending, changed (it ran with another text) or unknown (of another build).", m => m.State, "STATE"),
        new("migration", "Its name.", m => m.Name, "MIGRATION"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("schema", "The schema of the buffer database.");
        command.Subcommands.Add(Up(configuration));
        command.Subcommands.Add(Status(configuration));
        return command;
    }

    static ChangeVerb Up(ConfigurationArguments configuration) =>
        new("up", "Runs the migrations that did not run yet, each in its own transaction.", [], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var pending = (await new SchemaMigrator(buffer).StatusAsync(cancellationToken)).Pending;
            return pending.Count == 0
                ? new ChangePlan(["The schema was current already."], ApplyAsync: null)
                : new ChangePlan([.. pending.Select(name => $"runs {name}")], (by, token) => UpAsync(options, by, token));
        });

    static async Task<string> UpAsync(PhilotesOptions options, Signature by, CancellationToken cancellationToken)
    {
        await using var buffer = BufferDatabase.Open(options);
        var ran = await new SchemaMigrator(buffer).UpAsync("schema up", by, cancellationToken);
        return $"{ran.Count} migrations ran. The schema is current.";
    }

    static ReadVerb Status(ConfigurationArguments configuration)
    {
        var exitCode = new Option<bool>("--exit-code") { Description = "Exit with 8 unless the schema is current." };
        return ReadVerb.Look("status", "Says which migrations ran and which did not.", Migrations, [exitCode], async (parsed, format, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var status = await new SchemaMigrator(buffer).StatusAsync(cancellationToken);
            List<(string State, string Name)> rows =
            [
                .. status.Applied.Select(name => ("ran", name)), .. status.Pending.Select(name => ("pending", name)),
                .. status.Changed.Select(name => ("changed", name)), .. status.Unknown.Select(name => ("unknown", name)),
            ];
            return (status.IsCurrent || !parsed.GetValue(exitCode) ? ExitCode.Ok : ExitCode.Threshold, () => Migrations.Write(parsed.InvocationConfiguration.Output, format, rows, output =>
            {
                foreach (var (state, name) in rows)
                    output.WriteLine($"{state,-8} {name}");
                output.WriteLine(status.IsCurrent ? "The schema is current." : "The schema is not this build's.");
            }));
        }).Watched();
    }
}

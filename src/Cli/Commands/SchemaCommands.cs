using System.CommandLine;
using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>schema up | status</c>: the buffer's tables and functions.</summary>
static class SchemaCommands
{
    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("schema", "The schema of the buffer database.");
        command.Subcommands.Add(Up(configuration));
        command.Subcommands.Add(Status(configuration));
        return command;
    }

    static Command Up(ConfigurationArguments configuration)
    {
        var command = new Command("up", "Runs the migrations that did not run yet, each in its own transaction.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var ran = await new SchemaMigrator(buffer).UpAsync(cancellationToken);
            foreach (var name in ran)
                await output.WriteLineAsync($"ran {name}");
            await output.WriteLineAsync(ran.Count == 0 ? "The schema was current already." : "The schema is current.");
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Status(ConfigurationArguments configuration)
    {
        var exitCode = new Option<bool>("--exit-code") { Description = "Exit with 8 unless the schema is current." };
        var command = new Command("status", "Says which migrations ran and which did not.") { exitCode };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var status = await new SchemaMigrator(buffer).StatusAsync(cancellationToken);
            foreach (var (label, names) in new[] { ("ran", status.Applied), ("pending", status.Pending), ("changed", status.Changed), ("unknown", status.Unknown) })
            {
                foreach (var name in names)
                    await output.WriteLineAsync($"{label,-8} {name}");
            }
            await output.WriteLineAsync(status.IsCurrent ? "The schema is current." : "The schema is not this build's.");
            return status.IsCurrent || !parsed.GetValue(exitCode) ? ExitCode.Ok : ExitCode.Threshold;
        });
        return command;
    }
}

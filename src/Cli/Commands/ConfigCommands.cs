using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>config show | validate | schema | reference</c>.</summary>
static class ConfigCommands
{
    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("config", "The configuration: what holds, and whether it is right.");
        command.Subcommands.Add(Show(configuration));
        command.Subcommands.Add(Validate(configuration));
        command.Subcommands.Add(Document("schema", "Prints the JSON schema of philotes.yaml.", ConfigurationSchema.Json));
        command.Subcommands.Add(Document("reference", "Prints docs/configuration.md.", ConfigurationReference.Markdown));
        return command;
    }

    static Command Show(ConfigurationArguments configuration)
    {
        var effective = new Option<bool>("--effective") { Description = "Every key, defaults included." };
        var origin = new Option<bool>("--origin") { Description = "Where each value was said." };
        var command = new Command("show", "Prints the configuration as YAML, secrets masked.") { effective, origin };
        command.SetAction(parsed =>
        {
            var loaded = configuration.Load(parsed);
            var text = parsed.GetValue(effective)
                ? ConfigurationPrinter.PrintEffective(loaded, parsed.GetValue(origin))
                : ConfigurationPrinter.PrintSet(loaded, parsed.GetValue(origin));
            parsed.InvocationConfiguration.Output.Write(text);
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Validate(ConfigurationArguments configuration)
    {
        var command = new Command("validate", "Names every error of the configuration; exit code 3 if there is one.");
        command.SetAction(parsed =>
        {
            var loaded = configuration.Load(parsed);
            foreach (var warning in loaded.Warnings)
                parsed.InvocationConfiguration.Output.WriteLine($"warning: {warning}");
            parsed.InvocationConfiguration.Output.WriteLine("The configuration is valid.");
            return ExitCode.Ok;
        });
        return command;
    }

    static Command Document(string name, string description, Func<string> text)
    {
        var command = new Command(name, description);
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(text());
            return ExitCode.Ok;
        });
        return command;
    }
}

using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>config show | validate | schema | reference</c>.</summary>
static class ConfigCommands
{
    static readonly Listing<ConfigurationSetting> Settings = new("configuration", "Nothing is set.",
        new("key", "Its path: source.connection.host, tables[0].match.", s => s.Key, "KEY"),
        new("value", "As a philotes.yaml spells it; secrets are masked.", s => s.Value, "VALUE"),
        new("origin", "File and line, variable, argument, or default.", s => s.Origin.ToString(), "ORIGIN"));

    static readonly Listing<string> Warnings = new("configuration-warnings", "The configuration is valid.",
        new Field<string>("warning", "What is allowed, and better otherwise.", w => w, "WARNING"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("config", "The configuration: what holds, and whether it is right.");
        command.Subcommands.Add(Show(configuration));
        command.Subcommands.Add(Validate(configuration));
        command.Subcommands.Add(Document("schema", "Prints the JSON schema of philotes.yaml.", ConfigurationSchema.Json));
        command.Subcommands.Add(Document("reference", "Prints docs/configuration.md.", ConfigurationReference.Markdown));
        return command;
    }

    static ReadVerb Show(ConfigurationArguments configuration)
    {
        var effective = new Option<bool>("--effective") { Description = "Every key, defaults included." };
        var origin = new Option<bool>("--origin") { Description = "Where each value was said." };
        return ReadVerb.Custom("show", "Prints the configuration, by itself as the YAML of a philotes.yaml, secrets masked.", Settings, [effective, origin], (parsed, format, _) =>
        {
            var loaded = configuration.Load(parsed);
            Settings.Write(parsed.InvocationConfiguration.Output, format, ConfigurationPrinter.Settings(loaded, parsed.GetValue(effective)), output => output.Write(parsed.GetValue(effective)
                ? ConfigurationPrinter.PrintEffective(loaded, parsed.GetValue(origin))
                : ConfigurationPrinter.PrintSet(loaded, parsed.GetValue(origin))));
            return Task.FromResult(ExitCode.Ok);
        });
    }

    static ReadVerb Validate(ConfigurationArguments configuration) =>
        ReadVerb.Custom("validate", "Names every error of the configuration; exit code 3 if there is one.", Warnings, [], (parsed, format, _) =>
        {
            var warnings = configuration.Load(parsed).Warnings.Select(warning => warning.ToString()!).ToList();
            Warnings.Write(parsed.InvocationConfiguration.Output, format, warnings, output =>
            {
                foreach (var warning in warnings)
                    output.WriteLine($"warning: {warning}");
                output.WriteLine("The configuration is valid.");
            });
            return Task.FromResult(ExitCode.Ok);
        });

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

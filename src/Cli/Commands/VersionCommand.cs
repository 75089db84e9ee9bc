using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

static class VersionCommand
{
    public static Command Build()
    {
        var command = new Command("version", "Prints version and commit.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine($"philotes {ProductVersion.Version} ({ProductVersion.Commit})");
            return ExitCode.Ok;
        });
        return command;
    }
}

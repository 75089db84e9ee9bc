using System.CommandLine;
using Philotes.Cli.Demo;

namespace Philotes.Cli;

/// <summary><c>demo</c>: the main job on embedded defaults. Exit code 0 only if the lake equals the source.</summary>
static class DemoCommand
{
    public static Command Build()
    {
        var keep = new Option<bool>("--keep") { Description = "Leave everything running afterwards, until Ctrl-C." };
        var seconds = new Option<int>("--seconds") { Description = "How long the shop works.", DefaultValueFactory = _ => 20 };
        var rate = new Option<int>("--rate") { Description = "Transactions per second.", DefaultValueFactory = _ => 150 };
        var folder = new Option<string>("--folder")
        {
            Description = "Where everything is kept; emptied at the start.",
            DefaultValueFactory = _ => Path.Combine("philotes-data", "demo"),
        };
        var command = new Command("demo", "Runs a small shop on an embedded Postgres and shows that the lake holds what it did.") { keep, seconds, rate, folder };
        command.SetAction((parsed, cancellationToken) => new DemoRun(
            new DemoOptions(parsed.GetValue(folder)!, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rate), parsed.GetValue(keep)),
            parsed.InvocationConfiguration.Output).RunAsync(cancellationToken));
        return command;
    }
}

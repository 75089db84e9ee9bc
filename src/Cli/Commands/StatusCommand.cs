using System.CommandLine;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>status</c>: one screen, worst first.</summary>
static class StatusCommand
{
    public static Command Build(ConfigurationArguments configuration)
    {
        var json = new Option<bool>("--json") { Description = "One JSON document with a stable shape." };
        var lag = new Option<string?>("--fail-if-lag") { Description = "Exit with 8 if a table is staler than this, such as 60s." };
        var blocked = new Option<bool>("--fail-if-blocked") { Description = "Exit with 8 if a table is blocked." };
        var command = new Command("status", "Where capture, buffer and tables stand.") { json, lag, blocked };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            var limit = ParseLimit(parsed.GetValue(lag));
            await using var buffer = BufferDatabase.Open(options);
            var report = await new BufferStatus(buffer).ReadAsync(cancellationToken);
            var slot = await SlotFacts.ReadAsync(options.Source, cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                await output.WriteLineAsync(StatusJson.Print(report, slot));
            else
                StatusScreen.Render(Consoles.Of(output), report, slot, options);
            return Worst(report, limit, parsed.GetValue(blocked));
        });
        return command;
    }

    static TimeSpan? ParseLimit(string? text)
    {
        if (text is null)
            return null;
        return DurationText.TryParse(text, out var limit)
            ? limit
            : throw new ConfigurationException([new ConfigurationError(new ConfigurationOrigin("command line"), "--fail-if-lag", "needs a duration with its unit, such as 60s")]);
    }

    static int Worst(StatusReport report, TimeSpan? limit, bool failIfBlocked)
    {
        var stale = limit is { } allowed && report.Tables.Any(table => Freshness.Of(table, report.At) > allowed);
        var blocked = failIfBlocked && report.Tables.Any(table => table.State == "blocked");
        return stale || blocked ? ExitCode.Threshold : ExitCode.Ok;
    }
}

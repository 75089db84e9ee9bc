using System.CommandLine;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>status</c>: one screen, worst first.</summary>
static class StatusCommand
{
    public static Command Build(ConfigurationArguments configuration)
    {
        var formats = new FormatOptions();
        var lag = new Option<string?>("--fail-if-lag") { Description = "Exit with 8 if a table is staler than this, such as 60s." };
        var blocked = new Option<bool>("--fail-if-blocked") { Description = "Exit with 8 if a table is blocked." };
        var watch = new Option<bool>("--watch", "-w") { Description = "Draw it again every two seconds, until Ctrl-C or until a --fail-if holds." };
        var all = new Option<bool>("--all") { Description = "Every table, however many are well." };
        var command = new Command("status", "Where capture, buffer and tables stand, worst first.") { lag, blocked, watch, all };
        foreach (var option in formats.All)
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            var (limit, format) = (ParseLimit(parsed.GetValue(lag)), formats.Of(parsed));
            await using var buffer = BufferDatabase.Open(options);
            var output = parsed.InvocationConfiguration.Output;
            while (true)
            {
                var report = await new BufferStatus(buffer).ReadAsync(cancellationToken);
                var slot = await SlotFacts.ReadAsync(options.Source, cancellationToken);
                if (parsed.GetValue(watch) && format == OutputFormat.Table && Consoles.IsTerminal(output))
                    await output.WriteAsync(Watching.Home);
                if (format == OutputFormat.Table)
                    StatusScreen.Render(Consoles.Of(output), report, slot, options, parsed.GetValue(all));
                else
                    StatusJson.Write(output, format, StatusJson.Print(report, slot, StatusScreen.ToFull(report, options)));
                var worst = Worst(report, limit, parsed.GetValue(blocked));
                if (!parsed.GetValue(watch) || worst != ExitCode.Ok)
                    return worst;
                await Task.Delay(Watching.Refresh, TimeProvider.System, cancellationToken);
            }
        });
        return command;
    }

    static TimeSpan? ParseLimit(string? text)
    {
        if (text is null)
            return null;
        return DurationText.TryParse(text, out var limit) ? limit : throw CommandLineError.Of("--fail-if-lag", "needs a duration with its unit, such as 60s");
    }

    static int Worst(StatusReport report, TimeSpan? limit, bool failIfBlocked)
    {
        var stale = limit is { } allowed && report.Tables.Any(table => Freshness.Of(table, report.At) > allowed);
        var blocked = failIfBlocked && report.Tables.Any(table => table.State == "blocked");
        return stale || blocked ? ExitCode.Threshold : ExitCode.Ok;
    }
}

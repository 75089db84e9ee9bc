using System.CommandLine;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>status</c>: one screen, worst first.</summary>
static class StatusCommand
{
    public static Command Build(ConfigurationArguments configuration)
    {
        var lag = new Option<string?>("--fail-if-lag") { Description = "Exit with 8 if a table is staler than this, such as 60s." };
        var blocked = new Option<bool>("--fail-if-blocked") { Description = "Exit with 8 if a table is blocked." };
        var all = new Option<bool>("--all") { Description = "Every table, however many are well." };
        return ReadVerb.Look("status", "Where capture, buffer and tables stand, worst first.", listing: null, [lag, blocked, all], async (parsed, format, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            var limit = ParseLimit(parsed.GetValue(lag));
            await using var buffer = BufferDatabase.Open(options);
            var report = await new BufferStatus(buffer).ReadAsync(cancellationToken);
            var slot = await SlotFacts.ReadAsync(options.Source, cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            return (Worst(report, limit, parsed.GetValue(blocked)), () =>
            {
                if (format == OutputFormat.Table)
                    StatusScreen.Render(Consoles.Of(output), report, slot, options, parsed.GetValue(all));
                else
                    StatusJson.Write(output, format, StatusJson.Print(report, slot, StatusScreen.ToFull(report, options)));
            });
        }).Watched();
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

using System.CommandLine;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>retention show | run | pin | unpin</c>: what the buffer keeps, and why.</summary>
static class RetentionCommands
{
    static readonly Listing<(GenerationEntry Generation, string KeptBy)> Entries = new("generations", "The buffer has no generation.",
        new("generation", "Its number.", r => r.Generation.Generation, "GENERATION") { RightAligned = true },
        new("createdAt", "When it was opened.", r => r.Generation.CreatedAt, "OPENED"),
        new("sealedAt", "When it was closed for new events; null while it is open.", r => r.Generation.SealedAt, "SEALED"),
        new("bytes", "Its size on disk.", r => r.Generation.Bytes, "SIZE", r => Amounts.Bytes(r.Generation.Bytes)) { RightAligned = true },
        new("events", "Events in it.", r => r.Generation.Events, "EVENTS") { RightAligned = true },
        new("oldest", "Commit time of its oldest chunk.", r => r.Generation.Oldest, "OLDEST"),
        new("newest", "Commit time of its newest event.", r => r.Generation.Newest),
        new("pending", "Events that the lake lacks.", r => r.Generation.Pending, "PENDING") { RightAligned = true },
        new("openDeadLetters", "Dead letters in it.", r => r.Generation.OpenDeadLetters),
        new("pinnedBy", "Who holds it and what for.", r => r.Generation.PinnedBy),
        new("keptBy", "Why it is kept.", r => r.KeptBy, "KEPT BY"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("retention", "What the buffer keeps for replay, and what it may forget.");
        command.Subcommands.Add(ReadVerb.List("show", "Every generation with its size and what keeps it.", Entries, [], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var (now, entries) = await new Generations(buffer).ListAsync(cancellationToken);
            return [.. entries.Select(entry => (entry, entry.KeptBy(options.Buffer.ReplayWindow, now)))];
        }).Watched());
        command.Subcommands.Add(Run(configuration));
        var why = new Argument<string>("why") { Description = "Who holds it and what for; shown to everybody." };
        command.Subcommands.Add(Pin(configuration, "pin", "Keeps a generation until it is unpinned.", [why], parsed => parsed.GetValue(why)!));
        command.Subcommands.Add(Pin(configuration, "unpin", "Lets a generation go when the replay window has passed.", [], _ => null));
        return command;
    }

    static ChangeVerb Run(ConfigurationArguments configuration) => new("run", "One round of retention now. Needs the role that owns the buffer's schema.", [], async (parsed, cancellationToken) =>
    {
        var options = configuration.Load(parsed).Options;
        await using var buffer = BufferDatabase.Open(options);
        var (now, entries) = await new Generations(buffer).ListAsync(cancellationToken);
        var going = entries.Where(entry => entry.KeptBy(options.Buffer.ReplayWindow, now).StartsWith("nothing", StringComparison.Ordinal)).ToList();
        return new ChangePlan(
            [going.Count == 0 ? "No generation may go now; a full one is closed and the next opened." : $"{going.Count} generations go for good, {Amounts.Count(going.Sum(entry => entry.Events))} events, {Amounts.Bytes(going.Sum(entry => entry.Bytes))}: no replay reaches behind them."],
            async (by, token) =>
            {
                await using var db = BufferDatabase.Open(options);
                var report = await new Retention(db).RunAsync(
                    new RetentionOptions { ReplayWindow = options.Buffer.ReplayWindow, GenerationBytesMax = options.Buffer.GenerationBytes.Bytes }, token);
                if (report.Ran)
                {
                    var detail = System.Text.Json.JsonSerializer.Serialize(new { added = report.Added, @sealed = report.Sealed, dropped = report.Dropped, waiting = report.Waiting });
                    await new Operator(db).NoteAsync("retention run", detail, by, token);
                }
                return report.Ran
                    ? $"Opened {(report.Added is { } added ? TerminalText.Of(added) : "none")}, sealed {report.Sealed.Count}, dropped {report.Dropped.Count}, waiting for readers {report.Waiting.Count}."
                    : "Another process is doing a round right now.";
            });
    });

    static ChangeVerb Pin(ConfigurationArguments configuration, string verb, string description, IEnumerable<Symbol> symbols, Func<ParseResult, string?> pin)
    {
        var number = new Argument<int>("generation") { Description = "Number of the generation." };
        return new ChangeVerb(verb, description, [number, .. symbols], (parsed, _) =>
        {
            var (options, generation, wanted) = (configuration.Load(parsed).Options, parsed.GetValue(number), pin(parsed));
            return Task.FromResult(new ChangePlan(
                [wanted is null ? $"Generation {generation} loses its pin and goes once nothing else keeps it." : $"Generation {generation} is kept until it is unpinned: {wanted}"],
                async (by, token) =>
                {
                    await using var buffer = BufferDatabase.Open(options);
                    var before = await new Operator(buffer).PinGenerationAsync(generation, wanted, by, token);
                    return $"Generation {generation} is {(wanted is null ? "free" : "pinned")}{(before is null ? "" : $"; it was pinned by: {before}")}.";
                }));
        });
    }
}

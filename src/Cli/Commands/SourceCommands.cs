using System.CommandLine;
using Philotes.Buffer;
using Philotes.Capture;

namespace Philotes.Cli;

/// <summary><c>source show | repair</c>: what the buffer remembers of the source, and a new beginning after its slot was lost.</summary>
static class SourceCommands
{
    static readonly Listing<SourceRecord> Sources = new("sources", "No capture has run yet.",
        new("name", "The source's name.", s => s.Name, "SOURCE"),
        new("state", "new, snapshot, streaming, paused, blocked or lost.", s => s.State, "STATE"),
        new("reason", "Why it is not streaming.", s => s.StateReason, "REASON"),
        new("durableLsn", "Everything committed up to here is in the buffer.", s => s.Durable.ToString(), "DURABLE"),
        new("durableAt", "When that was last written.", s => s.DurableAt, "AT"),
        new("systemIdentifier", "The cluster that the buffer continues.", s => s.SystemIdentifier, "CLUSTER"),
        new("timeline", "Its timeline.", s => s.Timeline, "TIMELINE"),
        new("slot", "Our slot.", s => s.SlotName, "SLOT"),
        new("publication", "Our publication.", s => s.PublicationName, "PUBLICATION"),
        new("epoch", "How often a capture has started; only the newest may write.", s => s.Epoch, "EPOCH"),
        new("owner", "The capture that runs, or ran last.", s => s.Owner, "OWNER"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("source", "The captured database.");
        command.Subcommands.Add(ReadVerb.List("show", "What the buffer remembers of each source.", Sources, [], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return (await new BufferStatus(buffer).ReadAsync(cancellationToken)).Sources;
        }).Watched());
        command.Subcommands.Add(Repair(configuration));
        return command;
    }

    static ChangeVerb Repair(ConfigurationArguments configuration) => new("repair", "After the slot was lost: makes capture begin anew and copies every table again; nothing is missing afterwards.", [], async (parsed, cancellationToken) =>
    {
        var options = configuration.Load(parsed).Options;
        if (options.Source.Connection is null)
            throw CommandLineError.Of("source.connection", "is missing; this command reads the source");
        await using var buffer = BufferDatabase.Open(options);
        var repair = new SourceRepair(options);
        return new ChangePlan(await repair.PlanAsync(buffer, cancellationToken), async (by, token) =>
        {
            await using var db = BufferDatabase.Open(options);
            return await repair.ApplyAsync(db, by, token);
        });
    });
}

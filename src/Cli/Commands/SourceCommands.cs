using System.CommandLine;
using Philotes.Buffer;

namespace Philotes.Cli;

/// <summary><c>source show</c>: what the buffer remembers of the source.</summary>
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
        }));
        return command;
    }
}

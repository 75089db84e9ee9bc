using System.CommandLine;
using Philotes.Buffer.Operations;

namespace Philotes.Cli;

/// <summary><c>audit list</c>: who changed what, when and why.</summary>
static class AuditCommand
{
    /// <summary>Of a detail in the table: who, when and why need the room.</summary>
    const int DetailShown = 80;

    static readonly Listing<AuditEntry> Entries = new("audit", "Nobody has changed anything.",
        new("id", "Number of the entry.", a => a.AuditId),
        new("at", "When, by the buffer's clock.", a => a.At, "AT"),
        new("actor", "Who, and as which database role.", a => a.Actor, "WHO"),
        new("action", "The verb.", a => a.Action, "WHAT"),
        new("reason", "Why, in that person's words.", a => a.Reason, "WHY"),
        new("detail", "What it was about, before and after.", a => new RawJson(a.Detail), "DETAIL", a => a.Detail.Length <= DetailShown ? a.Detail : a.Detail[..DetailShown] + " … (--json)"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var limit = new Option<int>("--limit", "-n") { Description = "How many of the newest.", DefaultValueFactory = _ => 50 };
        var command = new Command("audit", "What people changed.");
        command.Subcommands.Add(ReadVerb.List("list", "Changes, newest first.", Entries, [limit], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new Operator(buffer).AuditAsync(parsed.GetValue(limit), cancellationToken);
        }).Watched());
        return command;
    }
}

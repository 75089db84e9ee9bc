using System.CommandLine;
using Philotes.BatchWriter.Operations;
using Philotes.BatchWriter.Orphans;
using Philotes.Buffer;

namespace Philotes.Cli;

/// <summary><c>orphans list | delete</c>: objects of ours that nothing refers to.</summary>
static class OrphanCommands
{
    static readonly Listing<Orphan> Entries = new("orphans", "There are no orphans.",
        new("table", "Source table.", r => r.Table.ToString(), "TABLE"),
        new("batch", "The batch that may have written it; null for a repair or a replay.", r => (r.Writer as ObjectWriter.OfBatch)?.BatchId),
        new("repair", "The repair that may have written it.", r => (r.Writer as ObjectWriter.OfRepair)?.RepairId),
        new("replay", "The replay that may have written it.", r => (r.Writer as ObjectWriter.OfReplay)?.ReplayId),
        new("writer", "What may have written it, for people.", r => Writer(r.Writer), "WRITTEN FOR"),
        new("kind", "data, manifest or list.", r => r.Kind, "KIND"),
        new("bytes", "Its size; null when it was never written or is gone.", r => r.Bytes, "SIZE", r => r.Bytes is { } bytes ? Amounts.Bytes(bytes) : "never written") { RightAligned = true },
        new("finishedAt", "When its writer was over.", r => r.FinishedAt, "FINISHED"),
        new("uri", "The object.", r => r.Uri, "OBJECT"));

    static string Writer(ObjectWriter writer) => writer switch
    {
        ObjectWriter.OfBatch batch => FormattableString.Invariant($"batch {batch.BatchId}"),
        ObjectWriter.OfRepair repair => FormattableString.Invariant($"repair {repair.RepairId}"),
        ObjectWriter.OfReplay replay => FormattableString.Invariant($"replay {replay.ReplayId}"),
        _ => throw new ArgumentOutOfRangeException(nameof(writer)),
    };

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("orphans", "Objects that batches, repairs and replays wrote and nothing refers to.");
        command.Subcommands.Add(ReadVerb.List("list", "Every orphan by name. Nothing is listed in the store: names were written down before the objects.", Entries, [], async (parsed, cancellationToken) =>
        {
            var report = await LakeOrphans.ListAsync(configuration.Load(parsed).Options, cancellationToken);
            foreach (var skipped in report.Skipped)
                await parsed.InvocationConfiguration.Error.WriteLineAsync(TerminalText.Clean($"not judged: {skipped}"));
            return report.Orphans;
        }));
        command.Subcommands.Add(new ChangeVerb("delete", "Removes what list names.", [], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            var report = await LakeOrphans.ListAsync(options, cancellationToken);
            var bytes = report.Orphans.Sum(orphan => orphan.Bytes ?? 0);
            return new ChangePlan(
                [$"{report.Orphans.Count(orphan => orphan.Bytes is not null)} objects go for good, {Amounts.Bytes(bytes)}; no snapshot refers to them.", .. report.Skipped.Select(skipped => $"Not judged: {skipped}.")],
                async (by, token) =>
                {
                    var (objects, uploads) = await LakeOrphans.DeleteAsync(options, by, token);
                    return $"Removed {objects} objects and ended {uploads} unfinished uploads.";
                });
        }));
        return command;
    }
}

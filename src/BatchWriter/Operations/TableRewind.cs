using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>Moves a lake table back to the end of a batch: main and the mark in one commit that asserts the head it was planned on.</summary>
internal sealed class TableRewind(LakeSession session, ReplayEntry replay, RewindTarget? target)
{
    /// <summary>Returns also when it is there already: a crash came after the commit.</summary>
    public async Task MoveAsync(TableSettings settings, CancellationToken cancellationToken)
    {
        var catalog = await session.Lake.CatalogAsync(cancellationToken);
        var source = await session.Buffer.Ledger.TableAsync(replay.TableId, cancellationToken);
        var attempts = new CommitAttempts(TimeProvider.System);
        var sequence = replay.FromSequence - 1;
        while (true)
        {
            var table = await catalog.LoadTableAsync(TargetTables.NameOf(settings), cancellationToken);
            var mark = HighWaterMark.Read(table.Metadata.Properties, source.SourceName);
            if (mark?.Sequence == sequence && table.Metadata.CurrentSnapshotId == replay.SnapshotId)
                return;
            ReplayPlanner.Require(table, source.SourceName, target);
            var outcome = await catalog.CommitAsync(Request(table, source.SourceName, source.Incarnation, sequence), cancellationToken);
            switch (outcome)
            {
                case CommitOutcome.Conflict conflict:
                    await attempts.AfterConflictAsync(conflict.Text, cancellationToken);
                    break;
                case CommitOutcome.Refused refused:
                    await attempts.AfterRefusalAsync(refused, headMoved: false, cancellationToken);
                    break;
                case CommitOutcome.Unknown unknown:
                    await attempts.AfterUnknownAsync(unknown, table.Metadata.CurrentSnapshotId, cancellationToken);
                    break;
            }
        }
    }

    private CommitRequest Request(LoadedTable table, string source, int incarnation, long sequence)
    {
        var main = table.Metadata.MainRef;
        var mark = new HighWaterMark(sequence, target?.LastLsn ?? Lsn.Zero, target?.BatchId ?? 0, replay.SnapshotId!.Value, incarnation);
        return new CommitRequest(
            table.Identifier,
            TableRequirement.UnchangedHead(table.Metadata),
            [
                new TableUpdate.SetSnapshotRef(
                    SnapshotRef.Main, main is null ? SnapshotRef.Branch(replay.SnapshotId.Value) : main with { SnapshotId = replay.SnapshotId.Value }),
                new TableUpdate.SetProperties(new Dictionary<string, string> { [HighWaterMark.PropertyOf(source)] = mark.ToJson() }),
            ],
            Guid.CreateVersion7());
    }
}

using System.Globalization;
using Philotes.Buffer;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Rest;

namespace Philotes.BatchWriter.Commit;

/// <summary>The one request that adds a batch: its snapshot, main and the mark, together or not at all. Pure.</summary>
internal static class CommitPlan
{
    public static IReadOnlyDictionary<string, string> Summary(ClaimedBatch batch, BufferedTable source, long parked) => new Dictionary<string, string>
    {
        [SummaryKeys.Source] = source.SourceName,
        [SummaryKeys.Incarnation] = Text(source.Incarnation),
        [SummaryKeys.Batch] = Text(batch.BatchId),
        [SummaryKeys.FromSequence] = Text(batch.FromSequence),
        [SummaryKeys.ToSequence] = Text(batch.ToSequence),
        [SummaryKeys.CommitLsn] = batch.LastLsn.ToString(),
        [SummaryKeys.CommitTimestamp] = batch.LastTimestamp.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        [SummaryKeys.Events] = Text(batch.RowCount),
        [SummaryKeys.Parked] = Text(parked),
        [SummaryKeys.Version] = "1",
    };

    public static HighWaterMark Mark(ClaimedBatch batch, BufferedTable source, long snapshotId) =>
        new(batch.ToSequence, batch.LastLsn, batch.BatchId, snapshotId, source.Incarnation);

    public static CommitRequest Request(LoadedTable table, Snapshot snapshot, HighWaterMark mark, string source, Guid requestId) => new(
        table.Identifier,
        TableRequirement.UnchangedHead(table.Metadata),
        [
            .. TableUpdate.AppendToMain(snapshot, table.Metadata.MainRef),
            new TableUpdate.SetProperties(new Dictionary<string, string> { [HighWaterMark.PropertyOf(source)] = mark.ToJson() }),
        ],
        requestId);

    /// <summary>What of the sent request the reply lacks; null when nothing. Some catalogs answer 200 and leave things out.</summary>
    public static string? Difference(TableMetadata sent, TableMetadata received, Snapshot snapshot, HighWaterMark mark, string source) =>
        received.TableUuid != sent.TableUuid ? $"table uuid {received.TableUuid} instead of {sent.TableUuid}"
        : received.CurrentSnapshotId != snapshot.SnapshotId ? $"head {received.CurrentSnapshotId} instead of {snapshot.SnapshotId}"
        : received.FormatVersion != sent.FormatVersion ? $"format version {received.FormatVersion} instead of {sent.FormatVersion}"
        : received.CurrentSchemaId != sent.CurrentSchemaId ? $"schema {received.CurrentSchemaId} instead of {sent.CurrentSchemaId}"
        : received.DefaultSpecId != sent.DefaultSpecId ? $"partition spec {received.DefaultSpecId} instead of {sent.DefaultSpecId}"
        : HighWaterMark.Read(received.Properties, source) != mark ? "no mark, or another one"
        : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

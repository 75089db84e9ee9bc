using System.Text.Json;
using System.Text.Json.Serialization;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>philotes status --json</c>. Members are only ever added under one apiVersion.</summary>
static class StatusJson
{
    public static string Print(StatusReport report, SlotFacts? slot) => JsonSerializer.Serialize(
        new Document(
            "philotes/v1",
            ProductVersion.Version,
            report.At,
            new BufferPart(report.DatabaseBytes, report.LiveGenerations),
            [.. report.Sources.Select(source => new SourcePart(source.Name, source.State, source.StateReason, source.Durable.ToString(), source.DurableAt, source.Epoch))],
            slot,
            [.. report.Tables.Select(table => new TablePart(
                table.Source, table.Name.Schema, table.Name.Table, table.State, table.StateReason, table.RowsIn, table.RowsOut, table.RowsPending,
                Freshness.Of(table, report.At).TotalSeconds, table.CommittedAt, table.SnapshotId?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                table.ParkedEvents, table.BatchErrorCode, table.BatchErrorText))]),
        StatusJsonContext.Default.Document);

    internal sealed record Document(
        string ApiVersion, string Version, DateTimeOffset At, BufferPart Buffer, IReadOnlyList<SourcePart> Sources, SlotFacts? Slot, IReadOnlyList<TablePart> Tables);

    internal sealed record BufferPart(long Bytes, int Generations);

    internal sealed record SourcePart(string Name, string State, string? Reason, string DurableLsn, DateTimeOffset? DurableAt, long Epoch);

    /// <summary>SnapshotId is text, because many JSON readers lose digits of a 64-bit number.</summary>
    internal sealed record TablePart(
        string Source, string Schema, string Table, string State, string? Reason, long Buffered, long Committed, long Pending, double FreshnessSeconds,
        DateTimeOffset? LastChange, string? SnapshotId, long Parked, string? ErrorCode, string? Error);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>philotes status --json</c>. Members are only ever added under one apiVersion.</summary>
static class StatusJson
{
    public static string Print(StatusReport report, SlotFacts? slot, TimeSpan? toFull = null) => JsonSerializer.Serialize(
        new Document(
            "philotes/v1",
            ProductVersion.Version,
            report.At,
            new BufferPart(report.DatabaseBytes, report.LiveGenerations, report.Activity.BytesPerSecond, report.Activity.Oldest, toFull?.TotalSeconds),
            new ActivityPart(
                report.Activity.EventsPerSecond, report.Activity.Writers, report.Activity.InFlight, report.Activity.CommitsPerMinute, report.Activity.LastErrorAt,
                report.Activity.LastError),
            [.. report.Sources.Select(source => new SourcePart(source.Name, source.State, source.StateReason, source.Durable.ToString(), source.DurableAt, source.Epoch))],
            slot,
            [.. report.Tables.Select(table => new TablePart(
                table.Source, table.Name.Schema, table.Name.Table, table.State, table.StateReason, table.RowsIn, table.RowsOut, table.RowsPending, table.BytesBehind,
                Freshness.Of(table, report.At).TotalSeconds, table.CommittedAt, table.SnapshotId?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                table.ParkedEvents, table.BatchErrorCode, table.BatchErrorText, table.ReplacedValues))]),
        StatusJsonContext.Default.Document);

    /// <summary>The document as it is, as YAML, or as CSV its tables.</summary>
    public static void Write(TextWriter output, OutputFormat format, string document)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(document);
            return;
        }

        using var json = JsonDocument.Parse(document);
        if (format == OutputFormat.Yaml)
        {
            YamlText.Write(output, json.RootElement);
            return;
        }

        CsvText.WriteHeader(output, typeof(TablePart).GetConstructors()[0].GetParameters().Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name!)));
        foreach (var table in json.RootElement.GetProperty("tables").EnumerateArray())
            CsvText.WriteRow(output, table);
    }

    internal sealed record Document(
        string ApiVersion, string Version, DateTimeOffset At, BufferPart Buffer, ActivityPart Activity, IReadOnlyList<SourcePart> Sources, SlotFacts? Slot, IReadOnlyList<TablePart> Tables);

    /// <param name="SecondsToFull">At this rate; null: never.</param>
    internal sealed record BufferPart(long Bytes, int Generations, double BytesPerSecond, DateTimeOffset? Oldest, double? SecondsToFull);

    internal sealed record ActivityPart(
        double EventsPerSecond, int Writers, int InFlight, int CommitsPerMinute, DateTimeOffset? LastErrorAt, string? LastError);

    internal sealed record SourcePart(string Name, string State, string? Reason, string DurableLsn, DateTimeOffset? DurableAt, long Epoch);

    /// <summary>SnapshotId is text, because many JSON readers lose digits of a 64-bit number.</summary>
    internal sealed record TablePart(
        string Source, string Schema, string Table, string State, string? Reason, long Buffered, long Committed, long Pending, long BehindBytes, double FreshnessSeconds,
        DateTimeOffset? LastChange, string? SnapshotId, long Parked, string? ErrorCode, string? Error, long Replaced);
}

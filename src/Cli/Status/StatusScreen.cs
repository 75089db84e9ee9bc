using System.Globalization;
using Philotes.Buffer;
using Philotes.Hosting;
using Spectre.Console;

namespace Philotes.Cli;

/// <summary>The screen of <c>philotes status</c>: what is worst stands first, and each line says why.</summary>
static class StatusScreen
{
    const int HealthyTablesMax = 20;

    public static void Render(IAnsiConsole console, StatusReport report, SlotFacts? slot, PhilotesOptions options, bool all = false)
    {
        var source = report.Sources.FirstOrDefault(record => record.Name == options.Source.Name) ?? (report.Sources.Count > 0 ? report.Sources[0] : null);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"philotes {ProductVersion.Version}   source {source?.Name ?? options.Source.Name}{At(options)}{Server(slot, source)}   {report.At.UtcDateTime:HH:mm:ss}Z"));
        foreach (var record in report.Sources)
            console.WriteLine(TerminalText.Clean($"CAPTURE  {Capture(record, report)}"));
        if (report.Sources.Count == 0)
            console.WriteLine("CAPTURE  has not run yet");
        if (slot is not null)
            console.WriteLine(TerminalText.Clean("SLOT     " + Describe(slot, options.Source.Slot)));
        console.WriteLine("BUFFER   " + Buffer(report, options));
        console.WriteLine(TerminalText.Clean("WRITERS  " + Writers(report)));
        console.WriteLine();
        if (report.Tables.Count == 0)
            console.WriteLine("No table has been captured yet.");
        else
            Tables(console, report, all);
    }

    static string At(PhilotesOptions options) => options.Source.Connection is { } connection ? $"@{connection.Host}" : "";

    static string Server(SlotFacts? slot, SourceRecord? source) => slot?.ServerVersion is not { } version ? ""
        : source?.Timeline is { } timeline ? string.Create(CultureInfo.InvariantCulture, $" (PG {version}, tl {timeline})") : $" (PG {version})";

    static string Capture(SourceRecord source, StatusReport report) =>
        $"{source.Name}: {source.State}{(source.StateReason is { } reason ? $" ({reason})" : "")}   {Amounts.Count((long)report.Activity.EventsPerSecond)} ev/s   durable {source.Durable}"
        + (source.DurableAt is { } at ? $" {Amounts.Age(report.At - at)} ago" : "");

    static string Describe(SlotFacts slot, string name) => slot switch
    {
        { Problem: { } problem } => $"{name}: the source cannot be asked: {problem}",
        { Exists: false } => $"{name} does not exist",
        _ => $"{name}: {(slot.Active ? "active" : "not active")}, {slot.WalStatus}, {Amounts.Bytes(slot.RetainedBytes)} behind, lost in: "
            + (slot.ToLoss is { } time ? $"{Amounts.Age(time)} at this rate" : "never")
            + (slot.SafeBytes is { } safe ? $" (after {Amounts.Bytes(safe)} more)" : ""),
    };

    static string Buffer(StatusReport report, PhilotesOptions options)
    {
        var limit = options.Buffer.MaxBytes.Bytes;
        var percent = (100 * report.DatabaseBytes / limit).ToString(CultureInfo.InvariantCulture);
        var oldest = report.Activity.Oldest is { } time ? $"   oldest {time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}" : "";
        var full = ToFull(report, options) is { } left ? $"{Amounts.Age(left)} at this rate" : "never";
        return $"{Amounts.Bytes(report.DatabaseBytes)} of {Amounts.Bytes(limit)} ({percent} %)   window {DurationText.Format(options.Buffer.ReplayWindow)}{oldest}   full in: {full}";
    }

    public static TimeSpan? ToFull(StatusReport report, PhilotesOptions options) => report.Activity.TimeToFull(
        report.DatabaseBytes, options.Buffer.MaxBytes.Bytes, options.Buffer.ReplayWindow, report.At,
        freesSpace: !report.Tables.Any(table => table.State is "blocked" or "paused" && table.RowsPending > 0));

    static string Writers(StatusReport report) =>
        $"{report.Activity.Writers} at work   in flight {report.Activity.InFlight}   commits/min {report.Activity.CommitsPerMinute}   last error: "
        + (report.Activity.LastError is { } error ? $"{Amounts.Age(report.At - report.Activity.LastErrorAt!.Value)} ago: {error}" : "none");

    static void Tables(IAnsiConsole console, StatusReport report, bool all)
    {
        var rows = report.Tables.OrderBy(Rank).ThenByDescending(row => Freshness.Of(row, report.At)).ThenBy(row => row.Name.ToString(), StringComparer.Ordinal).ToList();
        var shown = all ? rows : [.. rows.Where(row => Rank(row) < 3), .. rows.Where(row => Rank(row) == 3).Take(HealthyTablesMax)];
        var table = new Table().Border(TableBorder.None).AddColumn("TABLE").AddColumn("STATE")
            .AddColumn(new TableColumn("PENDING").RightAligned()).AddColumn(new TableColumn("BEHIND").RightAligned()).AddColumn(new TableColumn("FRESHNESS").RightAligned())
            .AddColumn("LAST CHANGE").AddColumn("NOTE");
        foreach (var row in shown)
        {
            table.AddRow(
                Markup.Escape(TerminalText.Clean(row.Name.ToString())),
                Consoles.Cell(row.State == "blocked" ? "BLOCKED" : row.State),
                Amounts.Count(row.RowsPending),
                Amounts.Bytes(row.RowsPending == 0 ? 0 : row.BytesBehind),
                Amounts.Age(Freshness.Of(row, report.At)),
                row.CommittedAt is { } at ? at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "",
                Markup.Escape(TerminalText.Clean(Note(row))));
        }
        console.Write(table);
        if (rows.Count > shown.Count)
            console.WriteLine($"... {rows.Count - shown.Count} more active (--all)");
        if (report.Tables.Sum(row => row.ParkedEvents) is > 0 and var parked)
            console.WriteLine($"dead letters: {Amounts.Count(parked)} open (philotes dlq list)");
        if (report.Tables.Sum(row => row.ReplacedValues) is > 0 and var replaced)
            console.WriteLine($"values replaced by NULL: {Amounts.Count(replaced)} (select * from philotes.value_exception)");
    }

    static int Rank(TableStatus row) => row switch
    {
        { State: "blocked" } => 0,
        { BatchErrorCode: not null } => 1,
        { State: not "active" } or { ParkedEvents: > 0 } => 2,
        _ => 3,
    };

    static string Note(TableStatus row)
    {
        var error = row.BatchErrorCode is { } code ? $"{code} {row.BatchErrorText} (philotes explain {code})" : row.StateReason ?? "";
        return row.ParkedEvents > 0 ? $"{error} {Amounts.Count(row.ParkedEvents)} parked".Trim() : error;
    }
}

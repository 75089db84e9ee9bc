using System.Globalization;
using Philotes.Buffer;
using Philotes.Hosting;
using Spectre.Console;

namespace Philotes.Cli;

/// <summary>The screen of <c>philotes status</c>.</summary>
static class StatusScreen
{
    public static void Render(IAnsiConsole console, StatusReport report, SlotFacts? slot, PhilotesOptions options)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"philotes {ProductVersion.Version}   {report.At.UtcDateTime:HH:mm:ss}Z"));
        foreach (var source in report.Sources)
        {
            console.WriteLine($"CAPTURE  {source.Name}: {source.State}{Reason(source.StateReason)}   durable {source.Durable}"
                + (source.DurableAt is { } at ? $" {Amounts.Age(report.At - at)} ago" : ""));
        }
        if (report.Sources.Count == 0)
            console.WriteLine("CAPTURE  has not run yet");
        if (slot is not null)
            console.WriteLine("SLOT     " + Describe(slot, options.Source.Slot));
        console.WriteLine($"BUFFER   {Amounts.Bytes(report.DatabaseBytes)} of {options.Buffer.MaxBytes}   {report.LiveGenerations} generations");
        console.WriteLine();
        if (report.Tables.Count == 0)
            console.WriteLine("No table has been captured yet.");
        else
            console.Write(Tables(report));
    }

    static string Describe(SlotFacts slot, string name) => slot switch
    {
        { Problem: { } problem } => $"{name}: the source cannot be asked: {problem}",
        { Exists: false } => $"{name} does not exist (PG {slot.ServerVersion})",
        _ => $"{name}: {(slot.Active ? "active" : "not active")}, {slot.WalStatus}, {Amounts.Bytes(slot.RetainedBytes)} behind, lost "
            + (slot.SafeBytes is { } safe ? $"after {Amounts.Bytes(safe)} more" : "never") + $" (PG {slot.ServerVersion})",
    };

    static Table Tables(StatusReport report)
    {
        var table = new Table().Border(TableBorder.None).AddColumn("TABLE").AddColumn("STATE")
            .AddColumn(new TableColumn("PENDING").RightAligned()).AddColumn(new TableColumn("FRESHNESS").RightAligned())
            .AddColumn("LAST CHANGE").AddColumn("NOTE");
        foreach (var row in report.Tables.OrderByDescending(row => row.State == "blocked").ThenByDescending(row => Freshness.Of(row, report.At)).ThenBy(row => row.Name.ToString(), StringComparer.Ordinal))
        {
            table.AddRow(
                Markup.Escape(row.Name.ToString()),
                Markup.Escape(row.State == "blocked" ? "BLOCKED" : row.State),
                Amounts.Count(row.RowsPending),
                Amounts.Age(Freshness.Of(row, report.At)),
                row.CommittedAt is { } at ? at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "",
                Markup.Escape(Note(row)));
        }
        return table;
    }

    static string Note(TableStatus row)
    {
        var error = row.BatchErrorCode is { } code ? $"{code} {row.BatchErrorText}" : row.StateReason ?? "";
        return row.ParkedEvents > 0 ? $"{error} {Amounts.Count(row.ParkedEvents)} parked".Trim() : error;
    }

    static string Reason(string? reason) => reason is null ? "" : $" ({reason})";
}

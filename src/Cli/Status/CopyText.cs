using System.Globalization;
using Philotes.Buffer;

namespace Philotes.Cli;

/// <summary>How far copies are, in words and bars.</summary>
static class CopyText
{
    const int BarWidth = 20;

    public static double Ratio(CopyProgress table) => table.IsUnfinished ? table.Ratio : 1;

    public static string Bar(double ratio)
    {
        var filled = (int)(ratio * BarWidth);
        return string.Create(CultureInfo.InvariantCulture, $"{new string('#', filled)}{new string('.', BarWidth - filled)} {ratio * 100,3:F0} %");
    }

    public static string Parts(CopyProgress table) => string.Create(CultureInfo.InvariantCulture, $"{table.RangesDone} of {table.Ranges}");

    public static string Size(CopyProgress table) => $"{Amounts.Bytes(table.Bytes)} of {Amounts.Bytes(table.BytesExpected)}";

    /// <summary>Pace and time left of a table; empty while neither is known.</summary>
    public static string Remaining(CopyProgress table, DateTimeOffset now) =>
        table is { State: "copying", StartedAt: { } started } ? Remaining(table.Bytes, table.BytesExpected, now - started) : "";

    /// <summary>A table in one line.</summary>
    public static string Line(CopyProgress table, DateTimeOffset now)
    {
        var what = table.ErrorCode is { } code ? $"{code} {table.ErrorText}" : Remaining(table, now);
        var state = table.Paused ? "paused" : table.State;
        return TerminalText.Clean(table.State == "waiting"
            ? $"{table.Name,-30} {state}  {what}"
            : $"{table.Name,-30} {Bar(Ratio(table))}  {state}  {Amounts.Count(table.Rows)} of about {Amounts.Count(table.RowsExpected ?? table.Rows)} rows  {Size(table)}  part {Parts(table)}  {what}").TrimEnd();
    }

    /// <summary>All tables in one line.</summary>
    public static string Overall(IReadOnlyList<CopyProgress> tables, DateTimeOffset now)
    {
        var (bytes, expected) = (tables.Sum(table => Math.Min(table.Bytes, table.BytesExpected)), tables.Sum(table => table.BytesExpected));
        var ratio = expected == 0 ? tables.Average(Ratio) : (double)bytes / expected;
        var started = tables.Where(table => table.IsUnfinished).Min(table => table.StartedAt) ?? now;
        return string.Create(CultureInfo.InvariantCulture,
            $"{"Existing rows",-30} {Bar(ratio)}  {tables.Count(table => !table.IsUnfinished)} of {tables.Count} tables  {tables.Sum(table => table.Rows):N0} rows  {Amounts.Bytes(bytes)} of {Amounts.Bytes(expected)}  {Remaining(bytes, expected, now - started)}").TrimEnd();
    }

    static string Remaining(long bytes, long expected, TimeSpan elapsed)
    {
        if (bytes <= 0 || bytes >= expected || elapsed <= TimeSpan.Zero)
            return "";
        var pace = bytes / Math.Max(1, elapsed.TotalSeconds);
        return $"{Amounts.Bytes((long)pace)}/s, {Amounts.Age(TimeSpan.FromSeconds((expected - bytes) / pace))} left";
    }
}

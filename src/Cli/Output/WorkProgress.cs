using System.Globalization;
using Philotes.Buffer;

namespace Philotes.Cli;

/// <summary>
/// What goes on, for a person who watches. On a terminal: while tables are copied a bar for each and one for all, with the line of what else is done below them, drawn in
/// place. Elsewhere: that line every five seconds, and one about the copies every ten.
/// </summary>
/// <param name="terminalWidth">Null when the output is no terminal.</param>
/// <param name="keepsLines">Whether, on a terminal too, each line stays when nothing is copied.</param>
sealed class WorkProgress(TextWriter output, int? terminalWidth, bool keepsLines, TimeProvider time)
{
    const int TablesMax = 10;
    static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan FileInterval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan CopyInterval = TimeSpan.FromSeconds(10);

    readonly DateTimeOffset _began = time.GetUtcNow();
    long? _shown;
    long? _copiesShown;
    int _copiesFinished;
    int _height;

    public static WorkProgress Of(TextWriter output, bool keepsLines) => new(
        output, !Console.IsOutputRedirected && ReferenceEquals(output, Console.Out) ? Math.Max(40, Console.WindowWidth) : null, keepsLines, TimeProvider.System);

    /// <summary>Shows a line and how far the copies are, unless it did so a moment ago.</summary>
    public void Show(string text, IReadOnlyList<CopyProgress> copies)
    {
        SayWhatIsCopied(copies);
        if (IsRecent(_shown, terminalWidth is null ? FileInterval : TerminalInterval))
            return;
        _shown = time.GetTimestamp();
        var copying = copies.Any(table => table.IsUnfinished);
        if (terminalWidth is null && copying && !IsRecent(_copiesShown, CopyInterval))
        {
            _copiesShown = time.GetTimestamp();
            output.WriteLine(CopyText.Overall(copies, time.GetUtcNow()));
        }
        if (terminalWidth is { } width && (copying || !keepsLines))
            Draw(width, copying ? [.. Bars(copies), text] : [text]);
        else
            Write(text);
    }

    /// <summary>Writes a line that stays.</summary>
    public void Say(string text)
    {
        _shown = null;
        Write(text);
    }

    IEnumerable<string> Bars(IReadOnlyList<CopyProgress> copies)
    {
        var now = time.GetUtcNow();
        var unfinished = copies.Where(table => table.IsUnfinished).OrderBy(table => table.State == "waiting").ToList();
        foreach (var table in unfinished.Take(TablesMax))
            yield return CopyText.Line(table, now);
        if (unfinished.Count > TablesMax)
            yield return string.Create(CultureInfo.InvariantCulture, $"… and {unfinished.Count - TablesMax} more");
        yield return CopyText.Overall(copies, now);
    }

    /// <summary>Once, when the last of them is in the buffer.</summary>
    void SayWhatIsCopied(IReadOnlyList<CopyProgress> copies)
    {
        var finished = copies.Where(table => table.FinishedAt >= _began).ToList();
        if (copies.Any(table => table.IsUnfinished) || finished.Count == _copiesFinished)
            return;
        _copiesFinished = finished.Count;
        Write(string.Create(CultureInfo.InvariantCulture, $"Existing rows are copied: {finished.Sum(table => table.Rows):N0} rows of {finished.Count} tables."));
    }

    void Write(string text)
    {
        Clear();
        output.WriteLine(text);
    }

    void Draw(int width, IReadOnlyList<string> lines)
    {
        Clear();
        foreach (var line in lines)
            output.WriteLine(line.Length < width ? line : line[..(width - 1)]);
        _height = lines.Count;
    }

    void Clear()
    {
        if (_height > 0)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"\e[{_height}F\e[J"));
        _height = 0;
    }

    bool IsRecent(long? at, TimeSpan interval) => at is { } known && time.GetElapsedTime(known) < interval;
}

using System.Globalization;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>A timeline history file: per line <c>parent timeline, tab, LSN where it ended, tab, reason</c>; <c>#</c> starts a comment.</summary>
internal static class TimelineHistory
{
    /// <summary>Where <paramref name="timeline"/> ended, or null if the file does not say.</summary>
    public static Lsn? EndOf(int timeline, string historyFile)
    {
        foreach (var line in historyFile.Split('\n'))
        {
            var fields = line.Split('#')[0].Split('\t', ' ').Where(field => field.Length > 0).ToArray();
            if (fields.Length >= 2
                && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
                && parent == timeline
                && Lsn.TryParse(fields[1], out var end))
            {
                return end;
            }
        }

        return null;
    }
}

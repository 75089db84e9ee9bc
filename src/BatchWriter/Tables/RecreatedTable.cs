using System.Globalization;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// A table that was dropped and created again, or a new one under the name of one that was renamed, is another table with other columns, and is
/// never mixed with the first by itself: <c>on_recreate</c> decides.
/// </summary>
internal static class RecreatedTable
{
    /// <summary>The settings that hold for this very table.</summary>
    /// <param name="earlierAreCommitted">Everything of the tables of this name before it is in the lake.</param>
    /// <exception cref="PhilotesException">PH222: a person must decide; PH223: it waits for its turn.</exception>
    public static TableSettings Settle(BufferedTable source, TableSettings settings, bool earlierAreCommitted) => (source.Incarnation, settings.OnRecreate) switch
    {
        (1, _) => settings,
        (_, OnRecreate.NewTable) => settings.ForIncarnation(source.Incarnation),
        (_, OnRecreate.Continue) when earlierAreCommitted => settings,
        (_, OnRecreate.Continue) => throw new PhilotesException("PH223", string.Create(CultureInfo.InvariantCulture,
            $"{source.TableName} was created again (incarnation {source.Incarnation}), and changes of the table before it are not all in the lake yet. It is tried again.")),
        _ => throw new PhilotesException("PH222", string.Create(CultureInfo.InvariantCulture,
            $"{source.TableName} is another table than the one before it: that was dropped or renamed, and one was created under its name (incarnation {source.Incarnation}). on_recreate is block: its changes wait in the buffer. Set it to new-table or continue for this table, then: philotes tables resume {source.TableName}")),
    };
}

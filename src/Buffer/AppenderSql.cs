using System.Globalization;

namespace Philotes.Buffer;

internal static class AppenderSql
{
    /// <summary>
    /// The COPYs may be lost with the machine: the directory commit behind them in the same log is synchronous and flushes them with it.
    /// </summary>
    public const string PrepareCopy = "set synchronous_commit = off";

    public const string PrepareFlush = "set synchronous_commit = on";

    /// <summary>Takes the fence. Parameters: source, owner. Returns one row; locks the source's row.</summary>
    public const string Begin = "select epoch, durable::text, last_chunk, current_gen from philotes.capture_begin(@source, @owner)";

    /// <summary>
    /// Publishes chunks and moves the watermark. Parameters: source, epoch, previous and new watermark (text), chunks (jsonb), lowest
    /// generation still in use. Returns one row; locks the source's row and the heads of the tables in it.
    /// </summary>
    public const string Flush = """
        select last_chunk, current_gen
        from philotes.capture_flush(@source, @epoch, @previous::text::pg_lsn, @durable::text::pg_lsn, @chunks::jsonb, @low)
        """;

    /// <summary>Parameter: gen.</summary>
    public const string Summarize = "select philotes.summarize_generation(@gen)";

    public static string CopyInto(int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"copy philotes.event_g{generation} ({EventWire.WrittenColumns}) from stdin (format binary)");
}

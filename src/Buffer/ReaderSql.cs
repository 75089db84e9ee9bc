using System.Globalization;

namespace Philotes.Buffer;

internal static class ReaderSql
{
    /// <summary>Without it the planner prefers to read the whole leaf over asking the index. The room is for sorting one chunk.</summary>
    public const string PrepareRead = "set enable_seqscan = off; set work_mem = '64MB'; set max_parallel_workers_per_gather = 0; set jit = off";

    /// <summary>The chunks of a batch in the table's order. Parameters: table, from, to.</summary>
    public const string Chunks = """
        select gen, chunk, row_count, crc32c
        from philotes.chunk
        where table_id = @table and table_seq between @from and @to
        order by table_seq
        """;

    /// <summary>Whether a batch holds nothing but what a copy brought. Parameters: table, from, to.</summary>
    public const string IsCopied = "select bool_and(copied) from philotes.chunk where table_id = @table and table_seq between @from and @to";

    /// <summary>A chunk as it lies in the leaf, which is the order of its COPY unless the leaf had holes to fill.</summary>
    public static string CopyOut(int generation, long chunk) => string.Create(CultureInfo.InvariantCulture,
        $"copy (select {EventWire.ReadColumns} from philotes.event_g{generation} where chunk = {chunk}) to stdout (format binary)");

    public static string CopyOutSorted(int generation, long chunk) => string.Create(CultureInfo.InvariantCulture,
        $"copy (select {EventWire.ReadColumns} from philotes.event_g{generation} where chunk = {chunk} order by ord) to stdout (format binary)");
}

using Philotes.Buffer;

namespace Philotes.Capture.Transactions;

/// <summary>Where a table's next row goes. Belongs to the assembler.</summary>
internal sealed class TableAssembly(CapturedTable table)
{
    public CapturedTable Table { get; set; } = table;

    /// <summary>The chunk that takes rows, or null.</summary>
    public EventChunk? Open { get; set; }

    /// <summary>The last chunk that took a row of transaction <see cref="LastTransaction"/>.</summary>
    public EventChunk? LastChunk { get; set; }

    /// <summary>Number, within this run, of the transaction that last wrote here.</summary>
    public long LastTransaction { get; set; }
}

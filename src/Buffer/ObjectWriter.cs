namespace Philotes.Buffer;

/// <summary>What objects were written for.</summary>
public abstract record ObjectWriter
{
    private ObjectWriter()
    {
    }

    public sealed record OfBatch(long BatchId) : ObjectWriter;

    public sealed record OfRepair(long RepairId) : ObjectWriter;

    public sealed record OfReplay(long ReplayId) : ObjectWriter;
}

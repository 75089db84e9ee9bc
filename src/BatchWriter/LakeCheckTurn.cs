namespace Philotes.BatchWriter;

/// <summary>Which table the last look at the lake ended with.</summary>
internal sealed class LakeCheckTurn
{
    public int Last { get; set; }
}

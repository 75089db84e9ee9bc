using Philotes.Hosting;

namespace Philotes.BatchWriter.Operations;

/// <summary>A table's settings with another table of the lake.</summary>
internal static class ReplaySettings
{
    /// <param name="target">namespace.table; the last dot divides them.</param>
    public static TableSettings Of(TableSettings settings, string target)
    {
        var dot = target.LastIndexOf('.');
        return dot < 0
            ? settings with { LakeTable = target }
            : settings with { LakeNamespace = target[..dot], LakeTable = target[(dot + 1)..] };
    }
}

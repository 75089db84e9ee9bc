namespace Philotes.Testing.Schemas;

/// <summary>A column of the lake that takes, or took, a column's values.</summary>
/// <param name="Version">n of <c>name__vn</c>; the first has none.</param>
public sealed class ModelField(int version, string lake)
{
    public int Version { get; } = version;

    public string Lake { get; set; } = lake;
}

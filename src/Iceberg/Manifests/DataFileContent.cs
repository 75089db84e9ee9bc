namespace Philotes.Iceberg.Manifests;

/// <summary>What a file of a table holds. The number is the specification's.</summary>
public enum DataFileContent
{
    Data = 0,
    /// <summary>Positions of deleted rows, as rows of a file (version 2) or as a deletion vector (version 3).</summary>
    PositionDeletes = 1,
    EqualityDeletes = 2,
}

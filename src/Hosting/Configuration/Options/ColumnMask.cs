namespace Philotes.Hosting;

/// <summary>What becomes of a column's values before anything of them is stored.</summary>
public enum ColumnMask
{
    Sha256,
    Null,
    Drop,
}

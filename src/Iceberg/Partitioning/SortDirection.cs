namespace Philotes.Iceberg.Partitioning;

public enum SortDirection
{
    Ascending,
    Descending,
}

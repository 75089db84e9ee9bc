namespace Philotes.Iceberg.Partitioning;

public enum NullOrder
{
    First,
    Last,
}

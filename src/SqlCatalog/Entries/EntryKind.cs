namespace Philotes.SqlCatalog.Entries;

/// <summary>What a row of <c>iceberg_tables</c> stands for; stored upper-case in <c>iceberg_type</c>, null meaning a table.</summary>
internal enum EntryKind
{
    Table,
    View,
}

namespace Philotes.BatchWriter.Tables;

/// <summary>The columns that a changelog table has beside the source's.</summary>
internal static class OurColumns
{
    public const string Operation = "_cdc_operation";
    public const string Lsn = "_cdc_lsn";
    public const string Sequence = "_cdc_seq";
    public const string Timestamp = "_cdc_timestamp";
    public const string Xid = "_cdc_xid";
    public const string Before = "_cdc_before";
    public const string Unchanged = "_cdc_unchanged";
}

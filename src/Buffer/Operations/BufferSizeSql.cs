namespace Philotes.Buffer.Operations;

internal static class BufferSizeSql
{
    /// <summary>One row.</summary>
    public const string Bytes = "select pg_database_size(current_database())";
}

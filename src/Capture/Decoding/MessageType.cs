namespace Philotes.Capture.Decoding;

/// <summary>First byte of a pgoutput message (Postgres manual, Logical Replication Message Formats).</summary>
internal enum MessageType : byte
{
    Begin = (byte)'B',
    Commit = (byte)'C',
    Origin = (byte)'O',
    Relation = (byte)'R',
    Type = (byte)'Y',
    Insert = (byte)'I',
    Update = (byte)'U',
    Delete = (byte)'D',
    Truncate = (byte)'T',
    /// <summary>What <c>pg_logical_emit_message</c> wrote.</summary>
    Logical = (byte)'M',
}

namespace Philotes.Shared;

/// <summary>What happened to a row. The value is the buffer's <c>op</c> byte: renaming is free, renumbering is a migration.</summary>
public enum ChangeKind : byte
{
    /// <summary>A row that existed at the initial copy's snapshot.</summary>
    Read = (byte)'r',
    Insert = (byte)'i',
    Update = (byte)'u',
    Delete = (byte)'d',
    Truncate = (byte)'t',
}

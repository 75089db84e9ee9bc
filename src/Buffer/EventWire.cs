namespace Philotes.Buffer;

/// <summary>
/// The wire form of an event, one row of COPY BINARY (Postgres manual, COPY, Binary Format): int16 field count, then per field int32 length
/// (-1 for NULL) and the value, all big-endian.
/// <code>
/// written, 10 fields:  gen int4 · chunk int8 · xid int8 · commit_ts int8 | ord int4 · op char · commit_lsn int8 · tx_seq int8 · old · new
/// read,     8 fields:                xid int8 · commit_ts int8 | ord int4 · op char · commit_lsn int8 · tx_seq int8 · old · new
/// </code>
/// What stands behind the bar is the same in both, lengths included, and is what a chunk's crc32c covers, row after row. So neither side
/// takes a row apart to check it. The column order is therefore part of the stored format.
/// <code>
/// block, op 'b', of copied rows, which share all but their images: ord and tx_seq are those of the first, new is per row int32 length · image
/// </code>
/// </summary>
internal static class EventWire
{
    public const short WrittenFieldCount = 10;
    public const short ReadFieldCount = 8;
    public const string WrittenColumns = "gen, chunk, xid, commit_ts, ord, op, commit_lsn, tx_seq, old_row, new_row";
    public const string ReadColumns = "xid, commit_ts, ord, op, commit_lsn, tx_seq, old_row, new_row";

    /// <summary>Field count, gen, chunk, xid, commit_ts with their lengths.</summary>
    public const int WrittenPrefixLength = 2 + (4 + 4) + (4 + 8) + (4 + 8) + (4 + 8);

    /// <summary>Field count, xid, commit_ts with their lengths.</summary>
    public const int ReadPrefixLength = 2 + (4 + 8) + (4 + 8);

    /// <summary>ord, op, commit_lsn, tx_seq with their lengths.</summary>
    public const int FixedLength = (4 + 4) + (4 + 1) + (4 + 8) + (4 + 8);

    /// <summary>The op of a block.</summary>
    public const byte BlockOp = (byte)'b';

    /// <summary>Bytes of a block: with its row's other columns it fills a page of the buffer (8 KiB less a header), and stays in it.</summary>
    public const int BlockLengthMax = 8_000;

    /// <summary>Signature, flags, length of the (absent) extension.</summary>
    public static ReadOnlySpan<byte> Header =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>A field count of -1.</summary>
    public static ReadOnlySpan<byte> Trailer => [0xff, 0xff];
}

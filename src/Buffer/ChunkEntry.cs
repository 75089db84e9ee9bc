namespace Philotes.Buffer;

/// <summary>What the directory says of a chunk, as far as reading it needs.</summary>
/// <param name="Crc">Null only for chunks that were not flushed by this build.</param>
internal sealed record ChunkEntry(int Generation, long Number, int RowCount, uint? Crc);

using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>The fence that a capture took when it began. Whoever began later owns the source; every flush of this epoch then fails with PH001.</summary>
/// <param name="Durable">Where to start: every transaction that ended at or before it is in the buffer.</param>
/// <param name="LastChunk">Chunk numbers of this epoch are above it.</param>
/// <param name="Generation">Where new chunks go until a flush says otherwise.</param>
public sealed record CaptureEpoch(int SourceId, long Epoch, Lsn Durable, long LastChunk, int Generation);

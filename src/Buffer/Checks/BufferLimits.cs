namespace Philotes.Buffer;

/// <summary>What the configuration asks of the buffer, for the checks that compare it with what is.</summary>
/// <param name="AckDelay">Wait between durable in the buffer and acknowledged to the source.</param>
/// <param name="ReplayWindow">How long changes are to be kept.</param>
/// <param name="BytesMax">Where capture waits.</param>
public sealed record BufferLimits(TimeSpan AckDelay, TimeSpan ReplayWindow, long BytesMax);

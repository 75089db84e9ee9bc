using Philotes.Buffer;

namespace Philotes.BatchWriter.Files;

/// <summary>What became of a batch's events: in files, rejected by a value, parked, or left out because they stood parked before.</summary>
/// <param name="Rejected">Events that a value rejected in this attempt.</param>
/// <param name="Parked">Events that this attempt parks otherwise; counted in <paramref name="LeftOut"/>.</param>
/// <param name="Replaced">Values that were replaced by NULL.</param>
internal sealed record EncodedBatch(
    IReadOnlyList<EncodedFile> Files, long RowCount, IReadOnlyList<ParkedEvent> Rejected, IReadOnlyList<ParkedEvent> Parked, long LeftOut, ReplacedValues Replaced);

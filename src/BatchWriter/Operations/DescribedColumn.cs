namespace Philotes.BatchWriter.Operations;

/// <summary>One column, at the source and in the lake.</summary>
/// <param name="Name">At the source; null for a column of the lake that takes nothing from it.</param>
/// <param name="Number">Its attribute number at the source.</param>
/// <param name="SourceType">As the last version has it; null when the source has dropped or does not send it.</param>
/// <param name="LakeName">Null where the lake has no column for it yet.</param>
/// <param name="State">captured; kept: it takes no value any more; ours; other: somebody else's.</param>
public sealed record DescribedColumn(string? Name, int? Number, string? SourceType, bool IsKey, string? LakeName, int? FieldId, string? LakeType, string State);

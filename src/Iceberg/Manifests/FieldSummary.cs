namespace Philotes.Iceberg.Manifests;

/// <summary>The values of one partition field among all files of a manifest (Iceberg spec, field 508). Null bounds: all values are null or NaN.</summary>
public sealed record FieldSummary(bool ContainsNull, bool? ContainsNan, byte[]? LowerBound, byte[]? UpperBound);

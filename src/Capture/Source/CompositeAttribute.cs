namespace Philotes.Capture.Source;

/// <summary>One field of a composite type at the source.</summary>
internal sealed record CompositeAttribute(int Number, string Name, uint Type, int Modifier, int Dimensions);

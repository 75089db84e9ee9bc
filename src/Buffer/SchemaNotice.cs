namespace Philotes.Buffer;

/// <summary>What an operator should know about a schema version. Kept with it, shown by <c>philotes tables show</c>.</summary>
/// <param name="Column">The column it is about, under its source name, or the partition; empty for the table.</param>
/// <param name="Code">PHnnn.</param>
public sealed record SchemaNotice(string Column, string Code, string Text);

namespace Philotes.Testing.Schemas;

/// <summary>One value of an event.</summary>
/// <param name="Name">The column's name when the event happened.</param>
/// <param name="Text">As the server prints it; null is NULL.</param>
public sealed record ModelValue(ModelColumn Column, string Name, ModelField Field, string? Text, bool Quoted);

/// <summary>One change that the source told.</summary>
/// <param name="Op">i, u, d or t.</param>
/// <param name="Values">Every column that the table has then, in order; a delete under the default identity has only its key's value.</param>
public sealed record ModelEvent(char Op, IReadOnlyList<ModelValue> Values);

namespace Philotes.Exactness.Tests;

/// <summary>One table of the set.</summary>
/// <param name="Key">Its name in the set: the expected and actual rows lie in files of this name.</param>
/// <param name="SourceTable">The name that it was created under.</param>
internal sealed record KnownTable(string Key, string Schema, string SourceTable);

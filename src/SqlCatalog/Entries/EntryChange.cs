namespace Philotes.SqlCatalog.Entries;

/// <summary>One entry's step to a new metadata file. <paramref name="Expected"/> is the file it was built on; null makes the entry.</summary>
internal sealed record EntryChange(EntryName Name, EntryKind Kind, string? Expected, string Location);

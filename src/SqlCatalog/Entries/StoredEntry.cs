namespace Philotes.SqlCatalog.Entries;

/// <summary>What the database says about a name: kind and the location of its current metadata file.</summary>
internal sealed record StoredEntry(EntryKind Kind, string Location);

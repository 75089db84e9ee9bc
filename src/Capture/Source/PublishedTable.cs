using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>A source table and how it stands to our two publications.</summary>
/// <param name="HasIdentity">The source can say which row an update or delete means.</param>
/// <param name="InFull">In the publication of all changes.</param>
/// <param name="InAppendOnly">In the publication of inserts and truncates.</param>
internal sealed record PublishedTable(uint Oid, TableName Name, bool HasIdentity, bool InFull, bool InAppendOnly);

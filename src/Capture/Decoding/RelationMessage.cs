using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <summary>A table as the stream describes it before its first row and after each change. <paramref name="Raw"/> is the whole message, kept for the buffer.</summary>
internal sealed record RelationMessage(uint RelationOid, TableName Name, char ReplicaIdentity, IReadOnlyList<RelationColumn> Columns, byte[] Raw);

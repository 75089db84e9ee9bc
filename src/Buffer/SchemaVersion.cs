using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A schema version as the buffer keeps it.</summary>
/// <param name="ValidFrom">Commit position of the transaction that it was first seen in.</param>
/// <param name="RelationMessage">The raw pgoutput RELATION message; empty where the stream sent none.</param>
public sealed record SchemaVersion(TableSchema Schema, Lsn ValidFrom, byte[] RelationMessage, IReadOnlyList<SchemaNotice> Notices);

using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>One version of a table as the catalog returned it.</summary>
/// <param name="MetadataLocation">Null while a table is only staged.</param>
/// <param name="Config">Properties for reading and writing this table's files, credentials possibly among them: never logged.</param>
/// <param name="ServerDate">The catalog's clock when it answered; snapshots must not be dated after it.</param>
/// <param name="ETag">Raw, quotes included or not as the catalog sent it; valid only for sending back.</param>
public sealed record LoadedTable(
    TableIdentifier Identifier,
    TableMetadata Metadata,
    string? MetadataLocation,
    IReadOnlyDictionary<string, string> Config,
    IReadOnlyList<StorageCredential> StorageCredentials,
    DateTimeOffset? ServerDate,
    string? ETag)
{
    public override string ToString() => $"{Identifier} at {MetadataLocation ?? "no metadata file"}";
}

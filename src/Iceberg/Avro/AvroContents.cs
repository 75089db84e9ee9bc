namespace Philotes.Iceberg.Avro;

/// <summary>What an Avro file holds: the writer's schema, the header as text, and each record's fields in the schema's order.</summary>
internal sealed record AvroContents(AvroSchema.Record Schema, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<object?[]> Records)
{
    public string Header(string key) =>
        Metadata.GetValueOrDefault(key) ?? throw new IcebergFormatException($"The Avro file's header has no '{key}'.");
}

namespace Philotes.Iceberg.Avro;

/// <summary>A field of an Avro record.</summary>
/// <param name="FieldId">Iceberg's <c>field-id</c>; null where a foreign writer left it out.</param>
internal sealed record AvroField(string Name, AvroSchema Schema, int? FieldId);

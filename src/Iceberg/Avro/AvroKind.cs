namespace Philotes.Iceberg.Avro;

/// <summary>Avro's primitive types.</summary>
internal enum AvroKind
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

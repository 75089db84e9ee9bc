namespace Philotes.Iceberg.Metadata;

/// <summary>A document that should be Iceberg metadata is not: the message names the document, the field, and what was found there.</summary>
public sealed class MetadataFormatException(string message, Exception? innerException = null) : Exception(message, innerException);

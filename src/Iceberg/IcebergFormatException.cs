namespace Philotes.Iceberg;

/// <summary>A text or file is not what Iceberg's specification asks for, or asks for what this library does not know.</summary>
public sealed class IcebergFormatException(string message, Exception? innerException = null) : IcebergException(message, innerException);

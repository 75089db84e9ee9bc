namespace Philotes.Iceberg;

/// <summary>What this library throws when the world failed it: a file, a store, a catalog. Its message says what, which, and what now.</summary>
public abstract class IcebergException(string message, Exception? innerException = null) : Exception(message, innerException);

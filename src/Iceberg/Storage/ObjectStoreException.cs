namespace Philotes.Iceberg.Storage;

/// <summary>An object store refused. After <see cref="ObjectStoreFailure.AlreadyExists"/> the object there is someone else's and untouched.</summary>
public sealed class ObjectStoreException(ObjectStoreFailure failure, string uri, string message, Exception? innerException = null)
    : IcebergException(message, innerException)
{
    public ObjectStoreFailure Failure { get; } = failure;

    /// <summary>The object that was asked for.</summary>
    public string Uri { get; } = uri;
}

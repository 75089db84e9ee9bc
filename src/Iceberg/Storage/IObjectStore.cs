namespace Philotes.Iceberg.Storage;

/// <summary>
/// A place of immutable objects, named by absolute URI. An object appears whole or not at all, is durable once its put has returned,
/// and is never replaced. Failures are <see cref="ObjectStoreException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Stores bytes under a name that must be new. A crash right after it leaves the object, which nothing refers to yet.</summary>
    Task PutNewAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a local file, which must not be changed afterwards (a local store may share its bytes); the caller deletes it when it will.
    /// </summary>
    Task PutNewFileAsync(string uri, string localPath, CancellationToken cancellationToken);

    Task<byte[]> ReadAsync(string uri, CancellationToken cancellationToken);

    /// <summary>Opens an object for reading; the caller disposes the stream.</summary>
    Task<Stream> OpenReadAsync(string uri, CancellationToken cancellationToken);

    /// <summary>The object's length in bytes; null when there is no such object.</summary>
    Task<long?> HeadAsync(string uri, CancellationToken cancellationToken);

    /// <summary>When an object was written, by the store's clock; null when there is no such object.</summary>
    Task<DateTimeOffset?> WrittenAtAsync(string uri, CancellationToken cancellationToken);

    /// <summary>Removes an object; one that is not there is no error. True: the store keeps a version of it all the same.</summary>
    Task<bool> DeleteAsync(string uri, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what puts under a folder left unfinished that were begun before a time: nothing shows it, and it takes space all the same. Returns how many.
    /// </summary>
    Task<int> EndUploadsAsync(string folder, DateTimeOffset begunBefore, CancellationToken cancellationToken);
}

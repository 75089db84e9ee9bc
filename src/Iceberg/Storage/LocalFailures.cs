using System.Globalization;

namespace Philotes.Iceberg.Storage;

/// <summary>What the operating system said, in words: what failed, on which file, and what to do.</summary>
internal static class LocalFailures
{
    private const int QuotaExceeded = 122;
    private const int NameTooLong = 36;

    public static ObjectStoreException Of(string uri, int error) => Of(uri, error, cause: null);

    public static ObjectStoreException Of(string uri, Exception cause) => cause switch
    {
        UnauthorizedAccessException => Of(uri, Posix.NoAccess, cause),
        FileNotFoundException or DirectoryNotFoundException => Of(uri, Posix.NoEntry, cause),
        PathTooLongException => Of(uri, NameTooLong, cause),
        _ when OperatingSystem.IsWindows() => new(
            ObjectStoreFailure.Other, uri, $"The file of '{uri}' could not be read or written; see the cause.", cause),
        _ => Of(uri, cause.HResult, cause),
    };

    private static ObjectStoreException Of(string uri, int error, Exception? cause)
    {
        var folder = Path.GetDirectoryName(FileUri.ToPath(uri));
        return error switch
        {
            Posix.NoEntry => new(
                ObjectStoreFailure.NotFound, uri, $"'{uri}' does not exist; it was removed, or the warehouse's folder is another one.", cause),
            Posix.Exists => new(
                ObjectStoreFailure.AlreadyExists, uri, $"'{uri}' exists already and was left as it is; a new file needs a new name.", cause),
            Posix.NoAccess or Posix.NotPermitted or Posix.ReadOnly => new(
                ObjectStoreFailure.NotPermitted, uri, $"'{uri}' could not be read or written: user {Environment.UserName} "
                + $"has no permission for folder '{folder}'; give it, or choose another warehouse folder.", cause),
            Posix.NoSpace or QuotaExceeded => new(
                ObjectStoreFailure.Full, uri, $"'{uri}' could not be written: "
                + $"the disk of folder '{folder}' is full or its quota is used up; free some space, then it goes on.", cause),
            NameTooLong => new(
                ObjectStoreFailure.InvalidName, uri, $"'{uri}' is too long a name for the file system; "
                + "shorten the warehouse's folder or the table's name.", cause),
            _ => new(
                ObjectStoreFailure.Other, uri,
                string.Create(CultureInfo.InvariantCulture, $"'{uri}' could not be read or written: the system reported error {error}."), cause),
        };
    }
}

using System.Runtime.InteropServices;
using System.Text;

namespace Philotes.Iceberg.Storage;

/// <summary>
/// The two system calls that .NET does not offer: a hard link, which is the one way to name a file that never replaces another, and
/// fsync of a folder, without which a file's name may be lost though its bytes are not. They return 0 or errno.
/// </summary>
internal static class Posix
{
    public const int NoEntry = 2;
    public const int NoAccess = 13;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int NotPermitted = 1;

    private const int OpenReadOnly = 0;

    public static int Link(string existing, string created) => link(Utf8(existing), Utf8(created)) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int SyncFolder(string folder)
    {
        var descriptor = open(Utf8(folder), OpenReadOnly);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        var error = fsync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        return error;
    }

    private static byte[] Utf8(string path) => Encoding.UTF8.GetBytes(path + "\0");

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int link(byte[] existing, byte[] created);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}

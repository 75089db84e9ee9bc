using System.Reflection;
using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>
/// Finds libduckdb: where PHILOTES_NATIVE points (the file, its folder, or a folder that npm installed into), beside the
/// executable, or in the nearest <c>native/node_modules</c> upward from the executable.
/// </summary>
internal static class DuckDbLibrary
{
    public const string Name = "duckdb";
    private const string PathVariable = "PHILOTES_NATIVE";

    public static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (libraryName != Name)
            return 0;
        var candidates = Candidates().ToList();
        var found = candidates.Find(File.Exists);
        return found is not null
            ? NativeLibrary.Load(found)
            : throw new DllNotFoundException(
                $"{FileName} was not found; run 'npm ci' in native/ or set {PathVariable}. Looked for: {string.Join(", ", candidates)}");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } told)
        {
            yield return told;
            yield return Path.Combine(told, FileName);
            yield return Path.Combine(told, "node_modules", PackagePath, FileName);
        }
        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "native", "node_modules", PackagePath, FileName);
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? "duckdb.dll" : OperatingSystem.IsMacOS() ? "libduckdb.dylib" : "libduckdb.so";

    private static string PackagePath
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
            var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
            return Path.Combine("@duckdb", $"node-bindings-{system}-{processor}");
        }
    }
}

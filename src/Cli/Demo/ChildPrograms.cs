using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>Where the programs are that the demo starts.</summary>
static class ChildPrograms
{
    public static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    /// <summary>The folder that holds <c>node_modules</c> with icebird: PHILOTES_NATIVE, else <c>native/</c> beside or above this program.</summary>
    public static string? NativeFolder()
    {
        List<string> candidates = [];
        if (Environment.GetEnvironmentVariable("PHILOTES_NATIVE") is { } named)
            candidates.Add(named);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            candidates.Add(Path.Combine(folder.FullName, "native"));
        return candidates.Find(candidate => Directory.Exists(Path.Combine(candidate, "node_modules", "icebird")));
    }

    /// <summary>
    /// One of our services beside this program, where a publish or the build's copy puts it, else in its own build folder: as the words of a
    /// command. The folders differ only in the project's name, so src/Cli/bin/Release/net10.0 leads to src/Capture/bin/Release/net10.0.
    /// </summary>
    public static IReadOnlyList<string> Service(string name, string project)
    {
        var own = AppContext.BaseDirectory.Replace($"{Path.DirectorySeparatorChar}Cli{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}{project}{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
        foreach (var folder in new[] { own, AppContext.BaseDirectory })
        {
            var library = Path.Combine(folder, name + ".dll");
            if (File.Exists(library) && File.Exists(Path.Combine(folder, name + ".runtimeconfig.json")))
                return [DotnetHost(), library];
        }
        throw new PhilotesException("PH603", $"{name} is not built: it was looked for in {own} and {AppContext.BaseDirectory}. Run './build.sh build'.");
    }

    /// <summary>The dotnet that runs this program, so that its children need none on the PATH.</summary>
    static string DotnetHost()
    {
        var root = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}

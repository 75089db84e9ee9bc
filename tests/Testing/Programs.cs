using System.Xml.Linq;
using NUnit.Framework;

namespace Philotes.Testing;

/// <summary>Finds the programs in the build output of the same configuration as the tests, or in the folder that PHILOTES_PROGRAMS names: as they are shipped.</summary>
public static class Programs
{
    public static string Find(string project)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var name = XDocument.Load(Peers.Repository("src", project, $"Philotes.{project}.csproj")).Descendants("AssemblyName").Single().Value;
        if (Environment.GetEnvironmentVariable("PHILOTES_PROGRAMS") is { Length: > 0 } shipped)
            return Path.Combine(shipped, $"{name}.dll");
        var path = Peers.Repository("src", project, "bin", configuration, "net10.0", $"{name}.dll");
        Assert.That(path, Does.Exist, $"{name} must be built before the tests run");
        return path;
    }
}

using System.Reflection;

namespace Philotes.Hosting;

/// <summary>What <c>version</c>, <c>/metrics</c> and our HTTP requests call us.</summary>
public static class ProductVersion
{
    static readonly string[] Parts = (typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+');

    public static string Version => Parts[0];

    /// <summary>The commit that was built, shortened; "unknown" outside a repository.</summary>
    public static string Commit => Parts.Length > 1 ? Parts[1][..Math.Min(12, Parts[1].Length)] : "unknown";
}

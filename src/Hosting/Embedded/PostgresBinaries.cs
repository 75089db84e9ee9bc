using System.Globalization;
using System.Text.Json;

namespace Philotes.Hosting.Embedded;

/// <summary>
/// The programs of one Postgres major version: those that npm put into <c>native/node_modules</c> (beside the executable or in a folder
/// above it, or in the folder that PHILOTES_NATIVE names), else Debian's.
/// </summary>
internal sealed record PostgresBinaries(string BinFolder, string LibraryFolder)
{
    public string InitDb => Path.Combine(BinFolder, "initdb");

    public string Postgres => Path.Combine(BinFolder, "postgres");

    public static PostgresBinaries Of(EmbeddedPostgresOptions options) => options.Installation is { } folder ? In(folder) : Find(options.MajorVersion);

    private static PostgresBinaries Find(int majorVersion) =>
        Candidates(majorVersion).FirstOrDefault(found => File.Exists(found.Postgres) && File.Exists(found.InitDb))
        ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
            $"No Postgres {majorVersion} was found: neither in native/node_modules (run 'npm ci' in native/) nor in /usr/lib/postgresql/{majorVersion}/bin."));

    public static bool Exist(int majorVersion) => Candidates(majorVersion).Any(found => File.Exists(found.Postgres));

    private static PostgresBinaries In(string folder) => new(Path.Combine(folder, "bin"), Path.Combine(folder, "lib"));

    private static IEnumerable<PostgresBinaries> Candidates(int majorVersion)
    {
        foreach (var modules in ModuleFolders())
        {
            foreach (var package in Packages(modules).Where(package => MajorVersionOf(package) == majorVersion))
            {
                var native = Path.Combine(package, "native");
                yield return new PostgresBinaries(Path.Combine(native, "bin"), Path.Combine(native, "lib"));
            }
        }

        yield return In(string.Create(CultureInfo.InvariantCulture, $"/usr/lib/postgresql/{majorVersion}"));
    }

    private static IEnumerable<string> ModuleFolders()
    {
        if (Environment.GetEnvironmentVariable("PHILOTES_NATIVE") is { Length: > 0 } named)
        {
            yield return named;
            yield return Path.Combine(named, "node_modules");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "native", "node_modules");
        }
    }

    private static IEnumerable<string> Packages(string modules)
    {
        string[] parents = [Path.Combine(modules, "@embedded-postgres"), modules];
        return parents.Where(Directory.Exists)
            .SelectMany(parent => Directory.EnumerateDirectories(parent))
            .Where(package => File.Exists(Path.Combine(package, "native", "bin", "postgres")));
    }

    private static int MajorVersionOf(string package)
    {
        using var description = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package, "package.json")));
        var version = description.RootElement.GetProperty("version").GetString() ?? "";
        return int.TryParse(version.Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major : 0;
    }
}

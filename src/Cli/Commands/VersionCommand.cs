using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

static class VersionCommand
{
    static readonly Listing<string> Version = new("version", "",
        new("version", "Of the program.", version => version, "VERSION"),
        new("commit", "That it was built from.", _ => ProductVersion.Commit, "COMMIT"));

    public static Command Build() => ReadVerb.Show(
        "version", "Prints version and commit.", Version, [], (_, _) => Task.FromResult(ProductVersion.Version),
        (output, version) => output.WriteLine($"philotes {version} ({ProductVersion.Commit})"));
}

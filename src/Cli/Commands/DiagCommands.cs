using System.CommandLine;
using System.IO.Compression;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>
/// <c>diag bundle</c>: what somebody who helps needs to know, as one file. It holds what the commands below print, and nothing else: no row, no key,
/// no value, and no secret, because none of them prints one.
/// </summary>
static class DiagCommands
{
    static readonly (string File, string[] Command)[] Parts =
    [
        ("version.txt", ["version"]),
        ("configuration.yaml", ["config", "show", "--effective", "--origin"]),
        ("schema.txt", ["schema", "status"]),
        ("status.json", ["status", "--json"]),
        ("doctor.json", ["doctor", "--json"]),
        ("source.json", ["source", "show", "--json"]),
        ("slot.json", ["slot", "show", "--json"]),
        ("tables.json", ["tables", "list", "--json"]),
        ("batches.json", ["batches", "list", "--json", "--limit", "500"]),
        ("retention.json", ["retention", "show", "--json"]),
        ("replays.json", ["replay", "status", "--json"]),
        ("audit.json", ["audit", "list", "--json", "--limit", "500"]),
    ];

    public static Command Build(ConfigurationArguments configuration)
    {
        var file = new Option<string>("--out", "-o") { Description = "File to write.", DefaultValueFactory = _ => "philotes-diag.zip" };
        var bundle = new Command("bundle", "Writes a zip of configuration (secrets masked), status, doctor, ledger and audit. No row and no secret is in it.") { file };
        bundle.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file)!;
            await using (var stream = OutputFile.Open(path))
            await using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
            {
                foreach (var (name, command) in Parts)
                    await AddAsync(zip, name, [.. command, .. configuration.Repeat(parsed)], cancellationToken);
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{path} holds {Parts.Length} files: {string.Join(", ", Parts.Select(part => part.File))}.");
            return ExitCode.Ok;
        });
        var diag = new Command("diag", "For whoever helps.");
        diag.Subcommands.Add(bundle);
        return diag;
    }

    /// <summary>A part that cannot be read says so in its place.</summary>
    static async Task AddAsync(ZipArchive zip, string name, string[] command, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        await CommandTree.RunAsync(command, output, error);
        await using var entry = await zip.CreateEntry(name).OpenAsync(cancellationToken);
        await using var writer = new StreamWriter(entry);
        await writer.WriteAsync(output.ToString());
        await writer.WriteAsync(error.ToString());
    }
}

using System.Text.RegularExpressions;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>docs/quickstart.md as a person types it, with a role that is no superuser.</summary>
[NonParallelizable]
public sealed partial class QuickstartTests
{
    private const string Page = "quickstart.md";

    [Test, CancelAfter(400_000)]
    public async Task The_commands_of_the_quickstart_do_what_it_says(CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/lib/postgresql/15/bin/psql"))
            Prerequisite.Missing("psql (Debian's package postgresql-client-15)");
        var folder = Directory.CreateTempSubdirectory("philotes-quickstart-").FullName;
        await OnAsync("postgres", "create role me login replication password 'secret'");
        await OnAsync("postgres", "create database shop owner me");
        try
        {
            await TypeAsync(folder, "A table with rows", 0);
            var dev = HowToPage.Commands(Page, "Start")[0];
            var source = DevSource().Match(dev).Groups[1].Value.Replace("Host=localhost;", $"Host=127.0.0.1;Port={Servers.Source.Port};", StringComparison.Ordinal);
            Assert.That(dev, Does.EndWith(" --folder quickstart"));
            await using var running = ProgramProcess.Run("Cli", Programs.Find("Cli"), null, "dev", "--source", source, "--folder", Path.Combine(folder, "quickstart"));
            await Until.TrueAsync(() => Task.FromResult(running.Output.Contains("2 in the lake", StringComparison.Ordinal)), () => running.Output, cancellationToken);
            Assert.That(await TypeAsync(folder, "Start", 1), Does.Contain("public.coffee").And.Contain("active"));
            await TypeAsync(folder, "Change something", 0);
            await Until.TrueAsync(() => Task.FromResult(running.Output.Contains("4 in the lake", StringComparison.Ordinal)), () => running.Output, cancellationToken);
            Assert.That(await TypeAsync(folder, "Change something", 1), Does.Contain("committed").And.Contain(".parquet"));
            Assert.That(await TypeAsync(folder, "Change something", 2), Does.Contain("yes"));
            Assert.That(await running.InterruptAsync(cancellationToken), Is.Zero, running.Output);
            await TypeAsync(folder, "Clean up", 0);
        }
        finally
        {
            await OnAsync("postgres", "drop database shop with (force)");
            await OnAsync("postgres", "drop role me");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> TypeAsync(string folder, string section, int block)
    {
        var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        var philotes = Path.Combine(bin, "philotes");
        await File.WriteAllTextAsync(philotes, $"#!/bin/sh\nexec dotnet {Programs.Find("Cli")} \"$@\"\n");
        await ChildProcess.RunAsync("chmod", ["+x", philotes]);
        return await ChildProcess.RunAsync(
            "bash", ["-euo", "pipefail", "-c", HowToPage.Commands(Page, section)[block].Replace("-h localhost", $"-h 127.0.0.1 -p {Servers.Source.Port}", StringComparison.Ordinal)],
            new Dictionary<string, string>
            {
                ["PATH"] = $"{bin}:/usr/lib/postgresql/15/bin:{Environment.GetEnvironmentVariable("PATH")}",
                ["PGPASSWORD"] = "secret",
                ["PHILOTES_CONFIG"] = Path.Combine(folder, "quickstart", "philotes.yaml"),
            },
            folder: folder);
    }

    private static async Task OnAsync(string database, string sql)
    {
        await using var db = NpgsqlDataSource.Create(Servers.Source.ConnectionString(database));
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("--source \"([^\"]+)\"")]
    private static partial Regex DevSource();
}

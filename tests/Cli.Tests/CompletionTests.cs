using Philotes.Testing;

namespace Philotes.Cli.Tests;

/// <summary>What <c>philotes completion</c> prints works in the shell that it is for; a shell that is not installed is left out.</summary>
public sealed class CompletionTests
{
    [TestCase("bash", "source SCRIPT; COMP_LINE='philotes ta'; COMP_POINT=11; COMP_WORDS=(philotes ta); COMP_CWORD=1; _philotes; echo \"${COMPREPLY[@]}\"")]
    [TestCase("zsh", "compdef() { :; }; compadd() { shift; echo \"$@\"; }; source SCRIPT; BUFFER='philotes ta'; CURSOR=11; _philotes")]
    [TestCase("fish", "source SCRIPT; complete -C 'philotes ta'")]
    [TestCase("pwsh", ". SCRIPT; (TabExpansion2 'philotes ta' 11).CompletionMatches.CompletionText")]
    public async Task A_word_is_completed(string shell, string tryIt)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, shell))))
            Assert.Ignore($"{shell} is not installed");
        var folder = Directory.CreateTempSubdirectory("philotes-completion-").FullName;
        var script = Path.Combine(folder, shell == "pwsh" ? "completion.ps1" : "completion");
        await File.WriteAllTextAsync(script, (await CliRun.OfAsync("completion", shell)).Output);
        var philotes = Path.Combine(folder, "philotes");
        await File.WriteAllTextAsync(philotes, $"#!/bin/sh\nexec dotnet {Programs.Find("Cli")} \"$@\"\n");
        await ChildProcess.RunAsync("chmod", ["+x", philotes]);
        var completed = await ChildProcess.RunAsync(
            shell, [shell == "pwsh" ? "-Command" : "-c", tryIt.Replace("SCRIPT", script, StringComparison.Ordinal)],
            new Dictionary<string, string> { ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}" }, folder: folder);
        Directory.Delete(folder, recursive: true);
        Assert.That(completed, Does.Contain("tables").And.Not.Contain("verify"));
    }

    [Test]
    public async Task The_words_come_from_the_program_itself()
    {
        var verbs = await CliRun.OfAsync("[suggest:16]", "philotes replay ");
        Assert.That(verbs.Output.Split('\n').Select(line => line.Trim()), Is.SupersetOf(new[] { "plan", "run", "status", "cancel" }));
    }
}

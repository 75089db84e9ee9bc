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

    /// <summary>PowerShell is in none of our package feeds: what its parser and its completer need of the text is looked at.</summary>
    [Test]
    public async Task The_script_for_PowerShell_is_whole()
    {
        var script = (await CliRun.OfAsync("completion", "powershell")).Output;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(script, Is.EqualTo((await CliRun.OfAsync("completion", "pwsh")).Output));
            foreach (var (opens, closes) in new[] { ('{', '}'), ('(', ')'), ('[', ']') })
                Assert.That(script.Count(letter => letter == opens), Is.EqualTo(script.Count(letter => letter == closes)), $"{opens}{closes}");
            foreach (var quote in new[] { '"', '\'' })
                Assert.That(script.Count(letter => letter == quote) % 2, Is.Zero, $"{quote}");
            Assert.That(script, Does.Contain("Register-ArgumentCompleter -Native -CommandName philotes -ScriptBlock {"), "-Native hands over word, line and position");
            Assert.That(script, Does.Match(@"param\(\$word, \$line, \$position\)\n +philotes ""\[suggest:\$position\]"" ""\$line"" 2>\$null \| ForEach-Object"), "the program is asked with both");
            Assert.That(script, Does.Contain("[System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)"));
            Assert.That(script, Does.Not.Contain("\t").And.Not.Contain("\r"));
        }
    }

    [Test]
    public async Task Every_verb_is_offered()
    {
        var page = await File.ReadAllTextAsync(Peers.Repository("docs", "cli.md"));
        var nouns = System.Text.RegularExpressions.Regex.Matches(page, "^## ([a-z]+)$", System.Text.RegularExpressions.RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();
        var offered = (await CliRun.OfAsync("[suggest:9]", "philotes ")).Output.Split('\n').Select(line => line.Trim()).ToList();
        Assert.That(nouns, Has.Count.GreaterThan(20));
        Assert.That(offered, Is.SupersetOf(nouns));
        foreach (var verb in System.Text.RegularExpressions.Regex.Matches(page, "^### ([a-z]+) ([a-z-]+)$", System.Text.RegularExpressions.RegexOptions.Multiline).Select(match => (Noun: match.Groups[1].Value, Name: match.Groups[2].Value)))
        {
            var line = $"philotes {verb.Noun} ";
            Assert.That((await CliRun.OfAsync($"[suggest:{line.Length}]", line)).Output.Split('\n').Select(word => word.Trim()), Does.Contain(verb.Name), line);
        }
    }

    [Test]
    public async Task The_words_come_from_the_program_itself()
    {
        var verbs = await CliRun.OfAsync("[suggest:16]", "philotes replay ");
        Assert.That(verbs.Output.Split('\n').Select(line => line.Trim()), Is.SupersetOf(new[] { "plan", "run", "status", "cancel" }));
    }
}

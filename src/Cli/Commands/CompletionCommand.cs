using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>completion</c>: what a shell needs to complete our words. The words come from the program itself, by its suggest directive.</summary>
static class CompletionCommand
{
    static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # source <(philotes completion bash)
            _philotes() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(philotes "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _philotes philotes
            """,
        ["zsh"] = """
            # source <(philotes completion zsh)
            _philotes() {
              local -a words
              words=("${(@f)$(philotes "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              compadd -- $words
            }
            compdef _philotes philotes
            """,
        ["fish"] = """
            # philotes completion fish | source
            complete -f -c philotes -a '(philotes "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
        ["pwsh"] = """
            # philotes completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName philotes -ScriptBlock {
              param($word, $line, $position)
              philotes "[suggest:$position]" "$line" 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Build()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish, or pwsh, which powershell is too." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys, "powershell"]);
        var command = new Command("completion", "Prints what a shell needs to complete our words.") { shell };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(Scripts[parsed.GetValue(shell) is var named and not "powershell" ? named! : "pwsh"]);
            return ExitCode.Ok;
        });
        return command;
    }
}

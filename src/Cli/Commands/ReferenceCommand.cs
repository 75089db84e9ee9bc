using System.CommandLine;
using System.Globalization;
using System.Text;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>reference</c>: docs/cli.md, made from the commands themselves, so that no verb and no option is without its line.</summary>
static class ReferenceCommand
{
    const string Opening = """
        # Command line

        `philotes NOUN VERB`, with `--help` behind any of them. Made from the program by `philotes reference`.

        Every verb finds its configuration by `--config FILE` (else `PHILOTES_CONFIG`, else `./philotes.yaml`) and `--set section.key=value`.

        - A verb that reads has `--output table|json|yaml|csv`, and `--json` for short: one document `{"apiVersion":"philotes/v1","kind":…,"items":[…]}` with the members
          listed here; streams (`events tail`, `events export`, `dlq export`) print one document `{"apiVersion","kind","item"}` a line. YAML is the same document; CSV
          has a line of member names and then the rows, with what has parts as JSON. Under one apiVersion members are added, never changed or taken away.
          Identifiers of 64 bits are texts. Durations are seconds, times are UTC.
        - `--watch`, where what is shown moves and looking costs little, shows it again every two seconds: until Ctrl-C, or until the exit code is not 0, with which it then ends
          (`status --fail-if-blocked --watch`, `schema status --exit-code --watch`).
        - Colours are for terminals only; `--no-color` and the variable `NO_COLOR` do without.
        - A verb that changes something prints its plan, asks or needs `--yes`, and leaves who, when and why (`--reason`) in `philotes audit list`. `PHILOTES_ACTOR` names the
          person behind a job. Where there is nothing to do nothing is asked. None of it needs a superuser: the role `philotes_operator` of the buffer is enough, but for `schema up` and `retention run`, which need
          the role that owns the buffer's schema, and `verify counts` and `verify hash`, which read the source with a role that has REPLICATION and SELECT.

        | exit code | meaning |
        | --- | --- |
        | 0 | done |
        | 1 | a bug |
        | 2 | usage: a word or an option that is not known |
        | 3 | the configuration or an argument makes no sense |
        | 4 | a check of what we depend on failed |
        | 5 | a dependency cannot be reached |
        | 6 | blocked: a person must decide |
        | 7 | refused, because it would not be safe; nothing was changed |
        | 8 | a threshold was exceeded, or a comparison found a difference |
        | 9 | nobody agreed; nothing was changed |
        | 130 | interrupted |

        """;

    public static Command Build(RootCommand root)
    {
        var command = new Command("reference", "Prints docs/cli.md.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(Markdown(root));
            return ExitCode.Ok;
        });
        return command;
    }

    static string Markdown(RootCommand root)
    {
        var page = new StringBuilder(Opening);
        foreach (var command in root.Subcommands.OrderBy(command => command.Name, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {command.Name}\n\n{command.Description}\n");
            Body(page, command, command.Name);
            foreach (var verb in command.Subcommands)
            {
                page.Append(CultureInfo.InvariantCulture, $"\n### {command.Name} {verb.Name}\n\n{verb.Description}\n");
                Body(page, verb, $"{command.Name} {verb.Name}");
            }
        }
        return page.ToString();
    }

    static void Body(StringBuilder page, Command command, string name)
    {
        if (command.Subcommands.Count > 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"\n```\nphilotes {name}{string.Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}"))}\n```\n\n");
        var own = command.Options.Where(option => option is not System.CommandLine.Help.HelpOption and not VersionOption).ToList();
        if (command.Arguments.Count + own.Count > 0)
            page.Append("| argument | meaning |\n| --- | --- |\n");
        foreach (var argument in command.Arguments)
            page.Append(CultureInfo.InvariantCulture, $"| `{argument.Name}` | {Cell(argument.Description)} |\n");
        foreach (var option in own)
            page.Append(CultureInfo.InvariantCulture, $"| `{string.Join("`, `", option.Aliases.Prepend(option.Name))}` | {(option.Required ? "Required. " : "")}{Cell(option.Description)} |\n");
        if (command is ReadVerb { Listing: { } listing })
        {
            page.Append(CultureInfo.InvariantCulture, $"\n`--output`, kind `{listing.Kind}`:\n\n| member | meaning |\n| --- | --- |\n");
            foreach (var (member, meaning) in listing.Members)
                page.Append(CultureInfo.InvariantCulture, $"| `{member}` | {Cell(meaning)} |\n");
        }
    }

    static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}

using Spectre.Console;

namespace Philotes.Cli;

/// <summary>Rendering onto the output of a command, which may be a terminal, a file or a test.</summary>
static class Consoles
{
    /// <summary>Of what is not a terminal: wide enough that no table is wrapped.</summary>
    const int FileWidth = 200;

    public static IAnsiConsole Of(TextWriter output)
    {
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) };
        if (output is PlainOutput || !IsTerminal(output))
            settings = new AnsiConsoleSettings { Out = settings.Out, Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors };
        var console = AnsiConsole.Create(settings);
        console.Profile.Width = IsTerminal(output) && Console.WindowWidth is > 0 and var width ? width : FileWidth;
        return console;
    }

    /// <summary>Whether somebody looks at it, so that it may be drawn over.</summary>
    public static bool IsTerminal(TextWriter output) => ReferenceEquals((output as PlainOutput)?.Inner ?? output, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>A cell of a table: what needs a person is red, what may is yellow.</summary>
    public static string Cell(string text) => text switch
    {
        "BLOCKED" or "blocked" or "dead" or "lost" or "fail" => $"[red]{text}[/]",
        "paused" or "failed" or "unreserved" or "warn" => $"[yellow]{text}[/]",
        _ => Markup.Escape(text),
    };
}

using Spectre.Console;

namespace Philotes.Cli;

/// <summary>Rendering onto the output of a command, which may be a terminal, a file or a test.</summary>
static class Consoles
{
    /// <summary>Of what is not a terminal: wide enough that no table is wrapped.</summary>
    const int FileWidth = 200;

    public static IAnsiConsole Of(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!ReferenceEquals(output, Console.Out) || Console.IsOutputRedirected)
            console.Profile.Width = FileWidth;
        return console;
    }
}

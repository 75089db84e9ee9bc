using System.CommandLine;

namespace Philotes.Cli;

/// <summary>Options and arguments of a command.</summary>
static class Symbols
{
    public static void Add(Command command, Symbol symbol)
    {
        switch (symbol)
        {
            case Argument argument:
                command.Arguments.Add(argument);
                break;
            case Option option:
                command.Options.Add(option);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}

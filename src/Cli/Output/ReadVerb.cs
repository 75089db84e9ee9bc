using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>A verb that only reads: prints a table, or with <c>--output</c> a document whose members the reference lists.</summary>
sealed class ReadVerb : Command
{
    /// <summary>Moves the cursor home and clears what is below: the screen is drawn over the last one.</summary>
    const string Home = "\u001b[H\u001b[J";

    static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    readonly FormatOptions _format = new();
    readonly Option<bool> _watch = new("--watch", "-w") { Description = "Show it again every two seconds, until Ctrl-C or until the exit code is not 0." };

    ReadVerb(string name, string description, IListing? listing, IEnumerable<Symbol> symbols)
        : base(name, description)
    {
        Listing = listing;
        foreach (var option in _format.All)
            Options.Add(option);
        foreach (var symbol in symbols)
            Symbols.Add(this, symbol);
    }

    /// <summary>Null where the document has a shape of its own.</summary>
    public IListing? Listing { get; }

    /// <summary>A verb that lists rows.</summary>
    public static ReadVerb List<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<IReadOnlyList<T>>> read) =>
        Look(name, description, listing, symbols, async (parsed, format, cancellationToken) =>
        {
            var rows = await read(parsed, cancellationToken);
            return (ExitCode.Ok, () => listing.Write(parsed.InvocationConfiguration.Output, format, rows));
        });

    /// <summary>A verb that shows one thing. In a document it is the one item.</summary>
    public static ReadVerb Show<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<T>> read,
        Action<TextWriter, T>? details = null) =>
        Look(name, description, listing, symbols, async (parsed, format, cancellationToken) =>
        {
            var row = await read(parsed, cancellationToken);
            return (ExitCode.Ok, () => listing.Write(parsed.InvocationConfiguration.Output, format, [row], output => (details ?? listing.WriteDetails)(output, row)));
        });

    /// <summary>A verb that looks first, and then writes what it saw: the exit code, and the writing.</summary>
    public static ReadVerb Look(
        string name, string description, IListing? listing, IEnumerable<Symbol> symbols,
        Func<ParseResult, OutputFormat, CancellationToken, Task<(int ExitCode, Action Write)>> look)
    {
        var verb = new ReadVerb(name, description, listing, symbols);
        verb.SetAction((parsed, cancellationToken) => verb.RunAsync(parsed, look, cancellationToken));
        return verb;
    }

    /// <summary>A verb that does its own writing.</summary>
    public static ReadVerb Custom(
        string name, string description, IListing listing, IEnumerable<Symbol> symbols, Func<ParseResult, OutputFormat, CancellationToken, Task<int>> run)
    {
        var verb = new ReadVerb(name, description, listing, symbols);
        verb.SetAction((parsed, cancellationToken) => run(parsed, verb._format.Of(parsed), cancellationToken));
        return verb;
    }

    /// <summary>Gives <c>--watch</c> to a verb that may be run every two seconds: what it looks at moves, looking costs little, and leaves nothing behind.</summary>
    public ReadVerb Watched()
    {
        Options.Add(_watch);
        return this;
    }

    async Task<int> RunAsync(ParseResult parsed, Func<ParseResult, OutputFormat, CancellationToken, Task<(int ExitCode, Action Write)>> look, CancellationToken cancellationToken)
    {
        var (output, format, watched) = (parsed.InvocationConfiguration.Output, _format.Of(parsed), parsed.GetValue(_watch));
        while (true)
        {
            var (exitCode, write) = await look(parsed, format, cancellationToken);
            if (watched && format == OutputFormat.Table && Consoles.IsTerminal(output))
                await output.WriteAsync(Home);
            write();
            if (!watched || exitCode != ExitCode.Ok)
                return exitCode;
            await Task.Delay(Refresh, TimeProvider.System, cancellationToken);
        }
    }
}

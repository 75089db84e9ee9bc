using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>A verb that only reads: prints a table, or with <c>--output</c> a document whose members the reference lists.</summary>
sealed class ReadVerb : Command
{
    readonly FormatOptions _format = new();
    readonly Option<bool> _watch = new("--watch", "-w") { Description = "Show it again every two seconds, until Ctrl-C." };

    ReadVerb(string name, string description, IListing listing, IEnumerable<Symbol> symbols)
        : base(name, description)
    {
        Listing = listing;
        foreach (var option in _format.All)
            Options.Add(option);
        foreach (var symbol in symbols)
            Symbols.Add(this, symbol);
    }

    public IListing Listing { get; }

    /// <summary>A verb that lists rows.</summary>
    public static ReadVerb List<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<IReadOnlyList<T>>> read) =>
        Custom(name, description, listing, symbols, async (parsed, format, cancellationToken) =>
        {
            listing.Write(parsed.InvocationConfiguration.Output, format, await read(parsed, cancellationToken));
            return ExitCode.Ok;
        });

    /// <summary>A verb that shows one thing. In a document it is the one item.</summary>
    public static ReadVerb Show<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<T>> read,
        Action<TextWriter, T>? details = null) =>
        Custom(name, description, listing, symbols, async (parsed, format, cancellationToken) =>
        {
            var row = await read(parsed, cancellationToken);
            listing.Write(parsed.InvocationConfiguration.Output, format, [row], output => (details ?? listing.WriteDetails)(output, row));
            return ExitCode.Ok;
        });

    /// <summary>A verb that does its own writing.</summary>
    public static ReadVerb Custom(
        string name, string description, IListing listing, IEnumerable<Symbol> symbols, Func<ParseResult, OutputFormat, CancellationToken, Task<int>> run)
    {
        var verb = new ReadVerb(name, description, listing, symbols);
        verb.Options.Add(verb._watch);
        verb.SetAction((parsed, cancellationToken) =>
        {
            var format = verb._format.Of(parsed);
            return parsed.GetValue(verb._watch)
                ? Watching.RunAsync(parsed.InvocationConfiguration.Output, format == OutputFormat.Table, () => run(parsed, format, cancellationToken), cancellationToken)
                : run(parsed, format, cancellationToken);
        });
        return verb;
    }

    /// <summary>A verb whose rows come one after the other, as many as there are.</summary>
    public static ReadVerb Stream(
        string name, string description, IListing listing, IEnumerable<Symbol> symbols, Func<ParseResult, OutputFormat, CancellationToken, Task<int>> run)
    {
        var verb = new ReadVerb(name, description, listing, symbols);
        verb.SetAction((parsed, cancellationToken) => run(parsed, verb._format.Of(parsed), cancellationToken));
        return verb;
    }
}

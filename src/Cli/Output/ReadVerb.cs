using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>A verb that only reads: prints a table, or with <c>--json</c> a document whose members the reference lists.</summary>
sealed class ReadVerb : Command
{
    ReadVerb(string name, string description, IListing listing)
        : base(name, description)
    {
        Listing = listing;
        Options.Add(Json);
    }

    public IListing Listing { get; }

    public Option<bool> Json { get; } = new("--json") { Description = "JSON with a stable shape instead of a table." };

    /// <summary>A verb that lists rows.</summary>
    public static ReadVerb List<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<IReadOnlyList<T>>> read)
    {
        var verb = new ReadVerb(name, description, listing).With(symbols);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var rows = await read(parsed, cancellationToken);
            if (parsed.GetValue(verb.Json))
                listing.WriteJson(parsed.InvocationConfiguration.Output, rows);
            else
                listing.WriteTable(parsed.InvocationConfiguration.Output, rows);
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>A verb that shows one thing. In JSON it is the one item.</summary>
    public static ReadVerb Show<T>(
        string name, string description, Listing<T> listing, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<T>> read,
        Action<TextWriter, T>? details = null)
    {
        var verb = new ReadVerb(name, description, listing).With(symbols);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var row = await read(parsed, cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(verb.Json))
                listing.WriteJson(output, [row]);
            else
                (details ?? listing.WriteDetails)(output, row);
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>A verb that does its own writing, such as a stream.</summary>
    public static ReadVerb Custom(
        string name, string description, IListing listing, IEnumerable<Symbol> symbols, Func<ParseResult, bool, CancellationToken, Task<int>> run)
    {
        var verb = new ReadVerb(name, description, listing).With(symbols);
        verb.SetAction((parsed, cancellationToken) => run(parsed, parsed.GetValue(verb.Json), cancellationToken));
        return verb;
    }

    ReadVerb With(IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
            Symbols.Add(this, symbol);
        return this;
    }
}

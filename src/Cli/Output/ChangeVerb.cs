using System.CommandLine;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>
/// A verb that changes something: prints its plan, asks or needs <c>--yes</c>, does it, and leaves who, when and why in the audit. Without a
/// terminal and without <c>--yes</c> nothing is changed and the exit code is 9.
/// </summary>
sealed class ChangeVerb : Command
{
    readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do it without asking." };
    readonly Option<string> _reason = new("--reason") { Description = "Why, for the audit.", DefaultValueFactory = _ => "" };
    readonly Option<bool> _json = new("--json") { Description = "The plan and what was done as JSON." };

    public ChangeVerb(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<ChangePlan>> plan)
        : base(name, description)
    {
        foreach (var symbol in symbols)
            Symbols.Add(this, symbol);
        Options.Add(_yes);
        Options.Add(_reason);
        Options.Add(_json);
        SetAction((parsed, cancellationToken) => RunAsync(parsed, plan, cancellationToken));
    }

    /// <summary>Who does it and why, for the audit.</summary>
    public static Signature By(string reason) => new(Actor(), reason);

    async Task<int> RunAsync(ParseResult parsed, Func<ParseResult, CancellationToken, Task<ChangePlan>> plan, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        var change = await plan(parsed, cancellationToken);
        var json = parsed.GetValue(_json);
        if (!json)
        {
            foreach (var sentence in change.Sentences)
                await output.WriteLineAsync(TerminalText.Clean(sentence));
        }
        if (change.ApplyAsync is null)
        {
            if (json)
                WriteJson(output, change, "");
            return ExitCode.Ok;
        }
        if (!parsed.GetValue(_yes) && !await AgreesAsync(output, json, cancellationToken))
            return await CancelledAsync(parsed);
        var done = await change.ApplyAsync(By(parsed.GetValue(_reason)!), cancellationToken);
        if (json)
            WriteJson(output, change, done);
        else
            await output.WriteLineAsync(TerminalText.Clean(done));
        return ExitCode.Ok;
    }

    public static async Task<int> CancelledAsync(ParseResult parsed)
    {
        await parsed.InvocationConfiguration.Error.WriteLineAsync("Nothing was changed. Repeat it with --yes to do it.");
        return ExitCode.Cancelled;
    }

    /// <summary>Asks the person at the terminal; without one, or where the output is for a program, nobody agrees.</summary>
    public static async Task<bool> AgreesAsync(TextWriter output, bool forProgram, CancellationToken cancellationToken)
    {
        if (forProgram || Console.IsInputRedirected)
            return false;
        await output.WriteAsync("Go on? (yes/no) ");
        return await Console.In.ReadLineAsync(cancellationToken) is "yes" or "y";
    }

    static void WriteJson(TextWriter output, ChangePlan change, string done) => JsonText.WriteDocument(output, "change", document =>
    {
        document.WritePropertyName("plan");
        JsonText.WriteValue(document, change.Sentences);
        document.WriteString("done", done);
    });

    /// <summary>The person at the machine; behind a job or a container, who it says it acts for.</summary>
    static string Actor() => Environment.GetEnvironmentVariable("PHILOTES_ACTOR") is { Length: > 0 } named ? named : $"{Environment.UserName}@{Environment.MachineName}";
}

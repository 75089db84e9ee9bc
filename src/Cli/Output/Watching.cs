namespace Philotes.Cli;

/// <summary><c>--watch</c>: shows the same again every two seconds, on a terminal over what was there, until somebody ends it.</summary>
static class Watching
{
    /// <summary>Moves the cursor home and clears what is below: the screen is drawn over the last one.</summary>
    public const string Home = "\u001b[H\u001b[J";

    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <param name="draws">Whether it is drawn for a person, and not written for a program.</param>
    public static async Task<int> RunAsync(TextWriter output, bool draws, Func<Task<int>> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (draws && Consoles.IsTerminal(output))
                await output.WriteAsync(Home);
            await show();
            await Task.Delay(Refresh, TimeProvider.System, cancellationToken);
        }
    }
}

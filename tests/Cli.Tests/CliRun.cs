namespace Philotes.Cli.Tests;

/// <summary>Runs a command line in this process and keeps what it printed.</summary>
sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static async Task<CliRun> OfAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandTree.RunAsync(args, output, error);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}

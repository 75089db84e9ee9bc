using Microsoft.Extensions.DependencyInjection;
using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>
/// The whole <c>Main</c> of a service: reads the configuration, runs the host until a signal or a failure, and turns what happened into an
/// exit code. Errors of the configuration go to standard error, one a line; nothing has been touched by then.
/// </summary>
public static class PhilotesProgram
{
    /// <param name="process">Decides which sections must be there and which address answers health and metrics.</param>
    public static async Task<int> RunAsync(PhilotesProcess process, string[] args, Action<IServiceCollection, PhilotesOptions> addServices)
    {
        var arguments = ProgramArguments.Parse(args);
        if (arguments.Problem is not null)
            return await SayAsync(Console.Error, arguments.Problem, ExitCode.Usage);
        if (arguments.Version)
            return await SayAsync(Console.Out, $"{ProductVersion.Version} ({ProductVersion.Commit})", ExitCode.Ok);
        if (arguments.ListFailpoints)
            return await SayAsync(Console.Out, string.Join(Environment.NewLine, FailpointNames.All.Select(point => $"{point.Name,-26} {point.Where}")), ExitCode.Ok);
        if (arguments.Help)
            return await SayAsync(Console.Out, $"{AppDomain.CurrentDomain.FriendlyName} --config philotes.yaml [--set section.key=value]...", ExitCode.Ok);
        try
        {
            var environment = PhilotesConfiguration.Environment();
            var loaded = PhilotesConfiguration.Load(ProgramArguments.ResolveFile(arguments.ConfigFile, environment), environment, arguments.Overrides);
            var options = loaded.Require(process);
            foreach (var warning in loaded.Warnings)
                await Console.Error.WriteLineAsync($"warning: {warning}");
            using var host = PhilotesHost.Build(process, options, services => addServices(services, options));
            return await PhilotesHost.RunAsync(host, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return await SayAsync(Console.Error, Failure.Describe(exception), ExitCode.Of(exception));
        }
    }

    static async Task<int> SayAsync(TextWriter writer, string text, int exitCode)
    {
        await writer.WriteLineAsync(text);
        return exitCode;
    }
}

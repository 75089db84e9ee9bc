using System.CommandLine;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>The operator's command line. Every failure ends here, as one sentence on standard error and an exit code.</summary>
static class CommandTree
{
    /// <summary>How long a command may take to clean up after Ctrl-C, before the process is ended under it.</summary>
    static readonly TimeSpan CleanupTimeout = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var noColor = new Option<bool>("--no-color") { Description = "No colours; nor are there any where NO_COLOR is set, or no terminal is.", Recursive = true };
        var parsed = Build(noColor).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync(problem.Message);
            await error.WriteLineAsync("philotes --help lists what there is.");
            return ExitCode.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = parsed.GetValue(noColor) || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? new PlainOutput(output) : output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = CleanupTimeout,
            });
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception)
        {
            await error.WriteLineAsync(Failure.Describe(exception));
            return ExitCode.Of(exception);
        }
    }

    static RootCommand Build(Option<bool> noColor)
    {
        var configuration = new ConfigurationArguments();
        var root = new RootCommand("Philotes: changes of Postgres tables as rows of Iceberg tables.");
        foreach (var option in configuration.Options)
            root.Options.Add(option);
        root.Options.Add(noColor);
        root.Subcommands.Add(DemoCommand.Build());
        root.Subcommands.Add(DevCommand.Build());
        root.Subcommands.Add(SchemaCommands.Build(configuration));
        root.Subcommands.Add(ConfigCommands.Build(configuration));
        root.Subcommands.Add(StatusCommand.Build(configuration));
        root.Subcommands.Add(DoctorCommand.Build(configuration));
        root.Subcommands.Add(TableCommands.Build(configuration));
        root.Subcommands.Add(SnapshotCommands.Build(configuration));
        root.Subcommands.Add(EventCommands.Build(configuration));
        root.Subcommands.Add(BatchCommands.Build(configuration));
        root.Subcommands.Add(BatchCommands.BuildFiles(configuration));
        root.Subcommands.Add(OrphanCommands.Build(configuration));
        root.Subcommands.Add(DlqCommands.Build(configuration));
        root.Subcommands.Add(ReplayCommands.Build(configuration));
        root.Subcommands.Add(VerifyCommands.Build(configuration));
        root.Subcommands.Add(SourceCommands.Build(configuration));
        root.Subcommands.Add(SlotCommands.Build(configuration));
        root.Subcommands.Add(RetentionCommands.Build(configuration));
        root.Subcommands.Add(AuditCommand.Build(configuration));
        root.Subcommands.Add(DiagCommands.Build(configuration));
        root.Subcommands.Add(CompletionCommand.Build());
        root.Subcommands.Add(ExplainCommand.Build());
        root.Subcommands.Add(ReferenceCommand.Build(root));
        root.Subcommands.Add(VersionCommand.Build());
        return root;
    }
}

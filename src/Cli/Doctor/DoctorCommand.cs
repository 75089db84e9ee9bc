using System.CommandLine;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>doctor</c>: every check of what we depend on, worst first, each with its remedy. Exit code 4 if one fails.</summary>
static class DoctorCommand
{
    static readonly string[] Areas = ["config", "source", "buffer", "store", "catalog"];

    static readonly Listing<Finding> Findings = new("doctor", "Nothing was checked.",
        new("id", "The check.", f => f.Id, "CHECK"),
        new("result", "fail, warn, info, skip or ok.", f => f.Result, "RESULT"),
        new("area", "config, source, buffer, store or catalog.", f => f.Area, "AREA"),
        new("what", "What was found.", f => f.What, "WHAT"),
        new("remedy", "SQL, YAML or a command that repairs it; null where nothing is to be done.", f => f.Remedy),
        new("why", "Why it matters.", f => f.Why));

    public static Command Build(ConfigurationArguments configuration)
    {
        var only = new Option<string[]>("--only") { Description = $"These areas only, with commas: {string.Join(", ", Areas)}.", AllowMultipleArgumentsPerToken = true };
        var fix = new Option<bool>("--fix") { Description = "Repair what is ours: missing migrations, a detach that was left unfinished." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Repair without asking." };
        var reason = new Option<string>("--reason") { Description = "Why it is repaired, for the audit.", DefaultValueFactory = _ => "" };
        return ReadVerb.Custom("doctor", "Checks configuration, source, buffer, store and catalog, and says how to repair what is wrong.", Findings, [only, fix, yes, reason], async (parsed, format, cancellationToken) =>
        {
            var loaded = configuration.Load(parsed);
            var areas = parsed.GetValue(only) is { Length: > 0 } chosen ? chosen.SelectMany(text => text.Split(',')).ToList() : [.. Areas];
            if (areas.Except(Areas).FirstOrDefault() is { } unknown)
                throw CommandLineError.Of("--only", $"'{unknown}' is none of {string.Join(", ", Areas)}");
            var doctor = new DoctorRun(loaded);
            string? repaired = null;
            if (parsed.GetValue(fix) && await doctor.RepairAsync(cancellationToken) is { ApplyAsync: { } repairAsync } plan)
            {
                var agreed = parsed.GetValue(yes);
                if (!agreed && format == OutputFormat.Table)
                {
                    foreach (var repair in plan.Sentences)
                        await parsed.InvocationConfiguration.Output.WriteLineAsync(TerminalText.Clean($"repairs {repair}"));
                    agreed = await ChangeVerb.AgreesAsync(parsed.InvocationConfiguration.Output, forProgram: false, cancellationToken);
                }
                if (!agreed)
                    return await ChangeVerb.CancelledAsync(parsed);
                repaired = await repairAsync(ChangeVerb.By(parsed.GetValue(reason)!), cancellationToken);
            }
            var findings = (await doctor.RunAsync(areas, cancellationToken)).OrderBy(finding => finding.Rank).ThenBy(finding => finding.Id, StringComparer.Ordinal).ToList();
            Findings.Write(parsed.InvocationConfiguration.Output, format, findings, output => Write(output, repaired, findings));
            return findings.Exists(finding => finding.IsFailure) ? ExitCode.Preflight : ExitCode.Ok;
        });
    }

    static void Write(TextWriter output, string? repaired, IReadOnlyList<Finding> findings)
    {
        if (repaired is not null)
            output.WriteLine(TerminalText.Clean($"fixed {repaired}"));
        foreach (var finding in findings)
        {
            output.WriteLine(TerminalText.Clean($"{finding.Id}  {finding.Result,-4}  {finding.What}"));
            if (finding.Result is "ok" or "skip")
                continue;
            output.WriteLine(TerminalText.Clean($"            {finding.Why}"));
            if (finding.Remedy is not null)
                output.WriteLine(TerminalText.Clean($"            remedy: {finding.Remedy}"));
        }
        output.WriteLine($"{findings.Count(finding => finding.Result == "ok")} ok, {findings.Count(finding => finding.Result == "warn")} warnings, {findings.Count(finding => finding.IsFailure)} failures, {findings.Count(finding => finding.Result == "skip")} skipped.");
    }
}

using System.Text.RegularExpressions;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>A writer looks at its lake beside the work and says what it finds, before a change is there that would fail on it.</summary>
[NonParallelizable]
public sealed partial class LakeCheckTests
{
    [Test, CancelAfter(180_000)]
    public async Task What_became_of_the_lake_is_told_by_a_writer_that_has_nothing_to_do(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.Writer!.TerminateAsync(cancellationToken);

        await using (var healthy = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile))
            await ShowsAsync(healthy, ["DR30 ok 1", "DR30 fail 0", "DR40 ok 1", "DR41 ok 1", "DR42 info 1"], cancellationToken);

        await using (var alone = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile, null, "--set", $"lake.catalog.uri=http://127.0.0.1:{Peers.FreePort()}"))
        {
            await ShowsAsync(alone, ["DR40 fail 1"], cancellationToken);
            await SaysAsync(alone, "DR40 fails at the catalog: the catalog cannot be used: ", cancellationToken);
        }

        File.Delete(Directory.EnumerateFiles(pipeline.Pipeline.Warehouse, "snap-*.avro", SearchOption.AllDirectories).OrderBy(File.GetLastWriteTimeUtc).Last());
        await pipeline.BufferAsync<object>("update philotes.table_cursor set committed_seq = committed_seq + 100, claimed_seq = claimed_seq + 100", cancellationToken);
        await using var broken = ProgramProcess.Start("BatchWriter", pipeline.Pipeline.ConfigurationFile);
        await ShowsAsync(broken, ["DR30 fail 1", "DR40 ok 1", "DR41 fail 1"], cancellationToken);
        await SaysAsync(broken, "DR30 fails at the store: public.t: ", cancellationToken);
        await SaysAsync(broken, "DR41 fails at the catalog: public.t: the lake ends at chunk 1, the buffer's cursor at 101", cancellationToken);
    }

    static Task SaysAsync(ProgramProcess writer, string text, CancellationToken cancellationToken) => Until.TrueAsync(
        () => Task.FromResult(writer.Output.Contains(text, StringComparison.Ordinal)), () => $"not said: {text}{Environment.NewLine}{writer.Output}", cancellationToken);

    /// <param name="findings">Check, result, count.</param>
    static async Task ShowsAsync(ProgramProcess writer, string[] findings, CancellationToken cancellationToken)
    {
        string[] shown = [];
        await Until.TrueAsync(async () =>
        {
            using var http = new HttpClient();
            if (Address().Match(writer.Output) is not { Success: true } address)
                return false;
            shown = [.. Checks().Matches(await http.GetStringAsync(new Uri(address.Value + "/metrics"), cancellationToken)).Select(check => $"{check.Groups[1]} {check.Groups[2]} {check.Groups[3]}")];
            return findings.All(shown.Contains);
        }, () => $"{string.Join(", ", shown)}{Environment.NewLine}{writer.Output}", cancellationToken);
    }

    [GeneratedRegex("""philotes_doctor_checks\{id="([^"]+)",result="([^"]+)"\} (\d+)""")]
    private static partial Regex Checks();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}

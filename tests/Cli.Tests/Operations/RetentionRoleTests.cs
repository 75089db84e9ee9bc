using System.Text.RegularExpressions;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>A writer with the role of a writer, and no more, does its work; that it does not run retention it says once.</summary>
[NonParallelizable]
public sealed partial class RetentionRoleTests
{
    [Test, CancelAfter(180_000)]
    public async Task A_writer_that_does_not_own_the_schema_says_once_that_it_runs_no_retention_and_counts_each_round(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key)", cancellationToken, writer: false);
        var user = $"plain_writer_{Guid.NewGuid():n}";
        await pipeline.BufferAsync<object>($"create role {user} login password 'secret' in role philotes_writer", cancellationToken);
        await using (var writer = ProgramProcess.Start(
            "BatchWriter", pipeline.Pipeline.ConfigurationFile, null, "--set", $"buffer.connection.user={user}", "--set", "buffer.connection.password=secret", "--set", "buffer.retention_every=1s"))
        {
            await pipeline.Pipeline.ExecuteAsync("insert into t select generate_series(1, 10)", cancellationToken);
            await pipeline.Pipeline.CatchUpAsync(cancellationToken);
            await Until.TrueAsync(async () => FailedRounds(await ScrapeAsync(writer, cancellationToken)) >= 3, () => writer.Output, cancellationToken);
            var said = writer.Output.Split('\n').Where(line => line.Contains("retention", StringComparison.Ordinal)).ToList();
            Assert.That(said, Has.Count.EqualTo(1), writer.Output);
            Assert.That(said[0], Does.Contain("PH509: retention is not run here, because this user does not own the buffer's schema: permission denied"));
        }

        Assert.That((await pipeline.RunAsync("doctor", "--only", "buffer")).Output, Does.Not.Contain("nobody runs retention"));
        await pipeline.BufferAsync<object>("update philotes.generation set created_at = now() - interval '4 h'", cancellationToken);
        Assert.That((await pipeline.RunAsync("doctor", "--only", "buffer")).Output, Does.Match("DR23  warn  generation 1 has been open for 04:0[0-9]:[0-9]{2}").And.Contain("which owns the schema, or philotes retention run --yes on a schedule"));
        await pipeline.BufferAsync<object>($"drop role {user}", cancellationToken);
    }

    static async Task<string> ScrapeAsync(ProgramProcess process, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return Address().Match(process.Output) is { Success: true } address ? await http.GetStringAsync(new Uri(address.Value + "/metrics"), cancellationToken) : "";
    }

    static int FailedRounds(string metrics) => Rounds().Match(metrics) is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("""philotes_jobs_failed_total\{job="retention"\} (\d+)""")]
    private static partial Regex Rounds();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}

using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What a repair or a replay wrote before it was killed is known by name, as what a batch wrote is, and nothing else is removed.</summary>
[NonParallelizable]
public sealed class OrphanTests
{
    static readonly string[] Now = ["--set", "writer.orphan_age=1s"];

    [Test, CancelAfter(240_000)]
    public async Task A_repair_that_was_killed_leaves_exactly_what_orphans_list_names(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(
            "create table t (id int primary key, day date)", cancellationToken, defaults: $"{Environment.NewLine}  on_outside: reject{Environment.NewLine}  on_poison: park");
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1, '2024-01-01'), (2, 'infinity')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var retry = new[] { "dlq", "retry", "--table", "t", "--yes", "--set", "defaults.on_outside=null" };

        var uploaded = await KilledAsync(pipeline, "wr.after_upload", retry, cancellationToken);
        Assert.That(await pipeline.ItemsAsync(["orphans", "list", .. Now]), Is.Empty, "the repair is open: whoever goes on with it may need them");
        var committing = await KilledAsync(pipeline, "wr.before_commit", retry, cancellationToken);
        await pipeline.OutputAsync(retry);

        // The second attempt's data file was staged: the third one commits it, with a list of its own.
        string[] left = [.. uploaded, .. committing.Where(file => file.EndsWith(".avro", StringComparison.Ordinal))];
        Assert.That(uploaded, Has.Length.EqualTo(1));
        await RequireAsync(pipeline, left, "repair", cancellationToken);
        Assert.That(await pipeline.LakeAsync("t_changelog"), Has.Count.EqualTo(2));
    }

    [Test, CancelAfter(240_000)]
    public async Task A_replay_that_was_killed_and_given_up_leaves_exactly_what_orphans_list_names(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select generate_series(1, 100)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var replay = $"{(await pipeline.ItemsAsync("replay", "plan", "--mode", "side", "--table", "t", "--target", "repair.t_again")).Single().GetProperty("replay").GetInt64()}";

        var written = await KilledAsync(pipeline, "wr.before_commit", ["replay", "run", replay, "--yes"], cancellationToken);
        Assert.That(await pipeline.ItemsAsync(["orphans", "list", .. Now]), Is.Empty, "the replay is running: whoever goes on with it may need them");
        await pipeline.OutputAsync("replay", "cancel", replay, "--yes");
        var first = (await File.ReadAllTextAsync(Metadata(pipeline), cancellationToken)).Replace("\\/", "/", StringComparison.Ordinal);

        Assert.That(written.Count(file => file.EndsWith(".parquet", StringComparison.Ordinal)), Is.EqualTo(1));
        await RequireAsync(pipeline, [.. written.Where(file => !first.Contains(Path.GetFileName(file), StringComparison.Ordinal))], "replay", cancellationToken);
        Assert.That(await pipeline.LakeAsync("t_again", "repair"), Is.Empty, "the side table is whole, and empty");
    }

    /// <summary>The newest metadata of the side table: what it refers to is no orphan.</summary>
    static string Metadata(OperatedPipeline pipeline) => Directory.EnumerateFiles(pipeline.Pipeline.Warehouse, "*.metadata.json", SearchOption.AllDirectories)
        .Where(path => path.Contains("t_again", StringComparison.Ordinal)).OrderBy(File.GetLastWriteTimeUtc).Last();

    static async Task RequireAsync(OperatedPipeline pipeline, string[] left, string writer, CancellationToken cancellationToken)
    {
        var before = Files(pipeline);
        IReadOnlyList<JsonElement> listed = [];
        await Until.TrueAsync(async () => (listed = await pipeline.ItemsAsync(["orphans", "list", .. Now])).Count > 0, () => "nothing is listed", cancellationToken);
        Assert.That(listed.Where(item => item.GetProperty("bytes").ValueKind != JsonValueKind.Null).Select(item => new Uri(item.GetProperty("uri").GetString()!).LocalPath), Is.EquivalentTo(left));
        Assert.That(listed.Select(item => item.GetProperty(writer).ValueKind), Is.All.EqualTo(JsonValueKind.Number));
        await pipeline.OutputAsync(["orphans", "delete", "--yes", "--reason", "room is short", .. Now]);
        var entry = (await pipeline.ItemsAsync("audit", "list"))[0];
        Assert.That((entry.GetProperty("action").GetString(), entry.GetProperty("reason").GetString()), Is.EqualTo(("orphans delete", "room is short")));
        Assert.That(entry.GetProperty("detail").GetProperty("objects").EnumerateArray().Select(item => new Uri(item.GetString()!).LocalPath), Is.SupersetOf(left));
        Assert.That(before.Except(Files(pipeline)), Is.EquivalentTo(left));
        Assert.That(await pipeline.ItemsAsync(["orphans", "list", .. Now]), Is.Empty);
    }

    /// <summary>The files that a command wrote until a failpoint killed it.</summary>
    static async Task<string[]> KilledAsync(OperatedPipeline pipeline, string failpoint, string[] args, CancellationToken cancellationToken)
    {
        var before = Files(pipeline);
        await using var command = ProgramProcess.Run("Cli", Programs.Find("Cli"), $"{failpoint}=exit", [.. args, "--config", pipeline.Pipeline.ConfigurationFile]);
        await Until.TrueAsync(() => Task.FromResult(command.HasExited), () => command.Output, cancellationToken);
        Assert.That(command.ExitCode, Is.EqualTo(137), command.Output);
        return [.. Files(pipeline).Except(before)];
    }

    static string[] Files(OperatedPipeline pipeline) =>
        [.. Directory.EnumerateFiles(pipeline.Pipeline.Warehouse, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".parquet" or ".avro")];
}

using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Philotes.Hosting;

namespace Philotes.Capture.Tests;

/// <summary>What runs beside the stream: publications that are watched, signs of life, and a login that stays refused.</summary>
[CancelAfter(180_000)]
internal sealed class BesideTests
{
    [Test]
    public async Task Work_beside_the_stream_that_breaks_ends_the_run_with_its_own_reason(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        var breaks = false;
        rig.Settings = rig.Settings with { Matches = _ => breaks ? throw new InvalidDataException("the rules broke") : true };
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);

        breaks = true;

        var failure = await capture.FailureAsync().WaitAsync(token);
        Assert.That(failure, Is.TypeOf<InvalidDataException>(), failure.ToString());
        Assert.That(CaptureFailure.Of(failure).Stops, Is.True);
    }

    [Test]
    public async Task A_table_that_left_is_noted_in_the_buffer_until_it_is_back(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key); create publication given for table t", token);
        rig.Settings = rig.Settings with { ManagedPublication = false, PublicationName = "given" };
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1)", token);
        await rig.CaughtUpAsync(token);

        await rig.ExecuteAsync("alter publication given drop table t", token);
        await NoteAsync(rig, note => note.StartsWith("PH111: ", StringComparison.Ordinal), token);
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Log.Lines.Any(line => line.Contains("PH111: table public.t is no longer captured", StringComparison.Ordinal))), token);

        await rig.ExecuteAsync("alter publication given add table t", token);
        await NoteAsync(rig, note => note.Length == 0, token);
    }

    [Test]
    public async Task A_given_publication_of_a_table_without_identity_is_warned_of_before_the_application_fails(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table log (line text); create publication given for table log", token);
        rig.Settings = rig.Settings with { ManagedPublication = false, PublicationName = "given" };
        await using var capture = await rig.StartAsync(token);

        Assert.That(rig.Log.Lines, Has.Some.Contains("PH120: table public.log is published without a replica identity")
            .And.Some.Contains("alter table \"public\".\"log\" replica identity full;"));
    }

    [Test]
    public async Task A_stream_that_brings_nothing_is_noticed_and_said_to_be_over_when_it_is(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { HeartbeatEvery = TimeSpan.FromMilliseconds(100) };
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await using var blocker = await rig.Buffer.OpenConnectionAsync(token);
        await using var transaction = await blocker.BeginTransactionAsync(token);
        await using (var locking = new NpgsqlCommand("select 1 from philotes.source for update", blocker))
        {
            await locking.ExecuteNonQueryAsync(token);
        }

        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Health.Problem is not null), token);
        Assert.That(rig.Health.Problem, Does.StartWith("PH126: "));
        Assert.That(rig.Log.Lines, Has.Some.Contains("PH126").And.Some.Contains("is stalled"));

        await transaction.RollbackAsync(token);
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Health.Problem is null), token);
    }

    /// <summary>With the settings that everybody has who sets none; the day runs six times as fast.</summary>
    [Test]
    public async Task A_stream_that_brings_nothing_is_found_within_90_seconds_by_default(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Time = new FastTime(6);
        Assert.That(rig.Settings.HeartbeatEvery, Is.EqualTo(new HeartbeatOptions().Every), "nobody set it");
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await using var blocker = await rig.Buffer.OpenConnectionAsync(token);
        await using var transaction = await blocker.BeginTransactionAsync(token);
        await using (var locking = new NpgsqlCommand("select 1 from philotes.source for update", blocker))
        {
            await locking.ExecuteNonQueryAsync(token);
        }

        var blocked = rig.Time.GetTimestamp();
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Health.Problem is not null), token);
        var found = rig.Time.GetElapsedTime(blocked);

        Assert.That(rig.Health.Problem, Does.StartWith("PH126: "));
        Assert.That(found, Is.InRange(TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(90)));
        await transaction.RollbackAsync(token);
    }

    [Test]
    public async Task A_login_that_stays_refused_ends_the_process(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        var wrong = new NpgsqlConnectionStringBuilder(rig.Settings.SourceConnection()) { Password = "wrong" }.ConnectionString;
        rig.Settings = rig.Settings with { SourceConnection = () => wrong, LoginPatience = TimeSpan.FromSeconds(3) };
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var worker = new CaptureWorker(rig.Settings, rig.Buffer, rig.Runtime(), lifetime);

        await worker.StartAsync(token);
        await worker.ExecuteTask!.WaitAsync(token);

        Assert.That(rig.Log.Lines.Count(line => line.Contains("starts over", StringComparison.Ordinal)), Is.GreaterThan(1), "a secret may be changing");
        Assert.That(rig.Log.Lines.Last(), Does.StartWith("PH122: ").And.Contains("stopped").And.Contains("Correct source.connection.user and password"));
        Assert.That(Environment.ExitCode, Is.EqualTo(6));
        Environment.ExitCode = 0;
    }

    private static Task NoteAsync(CaptureRig rig, Func<string, bool> isIt, CancellationToken token) => CaptureRig.UntilAsync(
        async () => isIt(await rig.BufferAsync<string>("select coalesce(capture_note, '') from philotes.source_table", token)), token);
}

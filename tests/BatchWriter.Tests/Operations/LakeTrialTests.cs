using Amazon.S3.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Philotes.BatchWriter.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Operations;

/// <summary>What the doctor tries on catalog and store: each answer that a writer could not work with is found, and nothing of the trial stays.</summary>
[CancelAfter(240_000)]
public sealed class LakeTrialTests
{
    private const string Denied = "{\"error\":{\"message\":\"not yours\",\"type\":\"ForbiddenException\",\"code\":403}}";

    [Test]
    public async Task A_catalog_and_a_store_that_do_it_all_are_well_and_nothing_stays()
    {
        await using var bench = await WriterBench.StartAsync();
        var trial = await TryAsync(bench);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(trial).Where(line => !line.Contains(" info ", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                "DR40 ok the catalog creates, commits, refuses what is stale, and drops | ",
                "DR30 ok the store puts, reads, and refuses to replace | ",
                "DR31 ok what is deleted is gone | ",
            }));
            Assert.That(trial.Clocks.Select(clock => clock.Area), Is.EqualTo(new[] { "catalog", "store" }));
            Assert.That(trial.Clocks.Select(clock => clock.Ahead), Is.All.EqualTo(TimeSpan.Zero).Within(TimeSpan.FromSeconds(15)));
            Assert.That(Left(bench), Is.Empty);
        }
    }

    [Test]
    public async Task Another_time_of_day_is_seen()
    {
        await using var bench = await WriterBench.StartAsync();
        var trial = await TryAsync(bench, clock: new Later(TimeSpan.FromSeconds(40)));
        Assert.That(trial.Clocks.Select(clock => clock.Ahead), Has.Exactly(2).EqualTo(TimeSpan.FromSeconds(40)).Within(TimeSpan.FromSeconds(15)));
    }

    [Test]
    public async Task What_the_catalog_may_not_do_is_found()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.AnswerInstead(403, Denied), request => IsPost(request, "/tables"));
        var noTables = await TryAsync(bench, proxy.Uri);
        proxy.Script(new ProxyFault.AnswerInstead(403, Denied), request => IsPost(request, "/tables/probe_"));
        var noCommits = await TryAsync(bench, proxy.Uri);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(noTables).Single(), Does.StartWith("DR40 fail the catalog did not create a table: ").And.EndsWith(" | grant the catalog's principal the right to create tables"));
            Assert.That(Lines(noCommits), Has.One.StartsWith("DR40 fail the catalog did not commit: ").And.One.EndsWith(" | grant the catalog's principal the right to commit"));
            Assert.That(Left(bench), Is.Empty);
        }
    }

    /// <summary>A catalog that commits whatever it is sent: the stale commit is answered with the table.</summary>
    [Test]
    public async Task A_catalog_that_commits_what_is_stale_is_found()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        using var http = new HttpClient();
        var commits = 0;
        proxy.Weather = request => IsPost(request, "/tables/probe_") && ++commits == 2
            ? new ProxyFault.AnswerInstead(200, http.GetStringAsync(new Uri(bench.CatalogUri.GetLeftPart(UriPartial.Authority) + request.Target)).GetAwaiter().GetResult())
            : null;
        Assert.That(Lines(await TryAsync(bench, proxy.Uri)), Has.One.EqualTo("DR40 fail the catalog committed although the requirement did not hold | use a catalog that checks the requirements of a commit"));
    }

    /// <summary>What a kill leaves: the table, and its object. The next look leaves it to whoever may still be at it; an hour later it goes.</summary>
    [Test]
    public async Task What_a_trial_left_that_was_killed_is_removed_once_it_is_old()
    {
        await using var bench = await WriterBench.StartAsync();
        await using (var proxy = ScriptedProxy.Start(bench.CatalogUri))
        {
            proxy.Weather = request => request.Method == "DELETE" ? new ProxyFault.DropRequest() : null;
            Assert.That(async () => await TryAsync(bench, proxy.Uri), Throws.InstanceOf<CatalogUnreachableException>());
        }

        var location = Path.GetDirectoryName(Path.GetDirectoryName(Left(bench).Single(file => file.EndsWith(".metadata.json", StringComparison.Ordinal) && Path.GetFileName(file).StartsWith("00000", StringComparison.Ordinal))))!;
        await File.WriteAllTextAsync(Path.Combine(location, "philotes-probe"), "probe");
        var soon = await TryAsync(bench);
        var stayed = Left(bench);
        var later = await TryAsync(bench, clock: new Later(TimeSpan.FromMinutes(61)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(soon), Has.None.Contains("removed"));
            Assert.That(stayed, Has.One.EndsWith("/philotes-probe"));
            Assert.That(Lines(later), Has.One.Matches("^DR40 info removed philotes_probe[.]probe_[0-9a-f]{32}, which a check left that was killed [|] $"));
            Assert.That(Left(bench), Is.Empty);
        }
    }

    [Test]
    public async Task What_the_store_may_not_do_is_found()
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        await using var proxy = ScriptedProxy.StartBeforeStore(store.Endpoint);
        await using var bench = await WriterBench.StartOnAsync(store, bucket, proxy.Uri);
        var well = await TryAsync(bench);
        proxy.Weather = request => IsOurs(request, "DELETE") ? new ProxyFault.AnswerInstead(403, "<Error><Code>AccessDenied</Code></Error>", "application/xml") : null;
        var undeleted = await TryAsync(bench);
        proxy.Weather = request => IsOurs(request, "PUT") ? new ProxyFault.AnswerInstead(403, "<Error><Code>AccessDenied</Code></Error>", "application/xml") : null;
        var unwritten = await TryAsync(bench);
        proxy.Weather = request => request.Method == "POST" && request.Target.Contains("philotes-probe-parts", StringComparison.Ordinal) ? new ProxyFault.AnswerInstead(403, "<Error><Code>AccessDenied</Code></Error>", "application/xml") : null;
        var inOnePiece = await TryAsync(bench);
        var puts = 0;
        proxy.Weather = request => IsOurs(request, "PUT") && ++puts == 2 ? new ProxyFault.AnswerInstead(200) : null;
        var replaced = await TryAsync(bench);
        proxy.Weather = request => IsOurs(request, "GET") ? new ProxyFault.EditReply(text => text.Replace("probe", "pr", StringComparison.Ordinal)) : null;
        var changed = await TryAsync(bench);
        proxy.Weather = null;
        await store.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled } });
        var versioned = await TryAsync(bench);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Lines(well), Has.One.StartsWith("DR30 ok ").And.One.StartsWith("DR31 ok "));
            Assert.That(well.Clocks.Select(clock => clock.Area), Is.EqualTo(new[] { "catalog", "store" }));
            Assert.That(Lines(undeleted), Has.One.StartsWith("DR30 ok ").And.One.StartsWith("DR31 warn the store refuses to delete, or to list uploads that were never finished: ").And.One.Contains("s3:DeleteObject"));
            Assert.That(Lines(unwritten), Has.One.StartsWith("DR30 fail The store refused ").And.One.EndsWith(" | grant put, get and delete under the table's location"));
            Assert.That(Lines(inOnePiece), Has.One.StartsWith("DR30 fail a file cannot go up in parts: ").And.One.Contains("lake.store.part_bytes"));
            Assert.That(Lines(replaced), Has.One.StartsWith("DR30 warn the store replaces an object that was put as new"));
            Assert.That(Lines(changed), Has.One.StartsWith("DR30 fail "));
            Assert.That(Lines(versioned), Has.One.StartsWith("DR31 warn the store keeps a version of every object that is deleted").And.One.Contains("NoncurrentVersionExpiration"));
        }
    }

    private static async Task<LakeTrial> TryAsync(WriterBench bench, Uri? catalog = null, TimeProvider? clock = null)
    {
        var options = bench.Options with { Lake = bench.Options.Lake with { Catalog = new LakeCatalogOptions { Uri = catalog ?? bench.CatalogUri } } };
        using var lake = new Lake(options, bench.Buffer, TimeProvider.System, bench.Metrics, NullLogger<Lake>.Instance);
        var trial = new LakeTrial(await lake.CatalogAsync(CancellationToken.None), lake, options.Lake.Store.PartBytes.Bytes, clock ?? TimeProvider.System);
        await trial.RunAsync(CancellationToken.None);
        return trial;
    }

    private static List<string> Lines(LakeTrial trial) => [.. trial.Findings.Select(finding => $"{finding.Id} {finding.Result} {finding.What} | {finding.Remedy}")];

    private static string[] Left(WriterBench bench) =>
        [.. Directory.EnumerateFiles(bench.Warehouse, "*", SearchOption.AllDirectories).Where(file => file.Contains("probe_", StringComparison.Ordinal))];

    private static bool IsPost(ProxiedRequest request, string target) => request.Method == "POST" && request.Target.Contains("/namespaces/philotes_probe" + target, StringComparison.Ordinal);

    private static bool IsOurs(ProxiedRequest request, string method) => request.Method == method && request.Target.Split('?')[0].EndsWith("/philotes-probe", StringComparison.Ordinal);

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>
/// One fault on the commit of one batch, each in the row of the table of what real clients do under it. Ours ends every row in the same way: applied
/// once, in one run, and nobody hears of it.
/// </summary>
[CancelAfter(240_000)]
public sealed partial class CommitFaultMatrixTests
{
    private static readonly Dictionary<string, string> RetryAfter = new() { ["Retry-After"] = "1" };

    private WriterBench _bench = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _bench = await WriterBench.StartAsync();

    [OneTimeTearDown]
    public async Task CloseAsync() => await _bench.DisposeAsync();

    private static IEnumerable<TestCaseData> Faults()
    {
        foreach (var status in new[] { 400, 401, 409, 419, 500, 502, 504, 408, 425 })
            yield return Case($"{status} before applying", new ProxyFault.AnswerInstead(status, Error(status)));
        foreach (var status in new[] { 429, 503 })
            yield return Case($"{status} with Retry-After before applying", new ProxyFault.AnswerInstead(status, Error(status)) { Headers = RetryAfter });
        yield return Case("reset before applying", new ProxyFault.DropRequest());
        foreach (var status in new[] { 409, 429, 500, 502, 503, 504 })
            yield return Case($"{status} after applying", new ProxyFault.ForwardThenAnswer(status, Error(status)));
        yield return Case("400 after applying", new ProxyFault.ForwardThenAnswer(400, Error(400)));
        yield return Case("reset after applying", new ProxyFault.DropReply());
        yield return Case("reply cut", new ProxyFault.CutReply(200));
        yield return Case("reply shortened", new ProxyFault.ShortenReply(200));
        yield return Case("HTML after applying", new ProxyFault.ForwardThenAnswer(200, "<html><body>gateway</body></html>", "text/html"));
        yield return Case("502 page after applying", new ProxyFault.ForwardThenAnswer(502, "<html><body>bad gateway</body></html>", "text/html"));
        yield return Case("{} after applying", new ProxyFault.ForwardThenAnswer(200, "{}"));
        yield return Case("empty 200 after applying", new ProxyFault.ForwardThenAnswer(200, ""));
        yield return Case("204 after applying", new ProxyFault.ForwardThenAnswer(204, ""));
        yield return Case("302 after applying", new ProxyFault.ForwardThenAnswer(302, ""));
        yield return Case("no metadata-location", new ProxyFault.EditReply(text => MetadataLocation().Replace(text, "", 1)));
        yield return Case("delivered twice", new ProxyFault.DeliverTwice());
        yield return Case("late by a second", new ProxyFault.Delay(TimeSpan.FromSeconds(1)));
        yield return Case("zombie", new ProxyFault.Hold());
    }

    [TestCaseSource(nameof(Faults))]
    public async Task One_fault_on_the_commit_ends_applied_once_and_nobody_hears_of_it(ProxyFault fault)
    {
        var name = "t" + Guid.NewGuid().ToString("N")[..12];
        var schema = WriterBench.Schema(name, 'd', ("id", "bigint", true));
        await using var proxy = ScriptedProxy.Start(_bench.CatalogUri);
        var runner = _bench.Runner(proxy.Uri);
        await _bench.AppendAsync(schema, Change.Insert("1"), Change.Insert("2"), Change.Insert("3"));
        proxy.Script(fault, request => request.Method == "POST" && request.Text.Contains("philotes.hwm.", StringComparison.Ordinal));

        await runner.RunUntilIdleAsync(CancellationToken.None);
        await proxy.ReleaseHeldAsync();

        var ledger = await _bench.ScalarAsync<string>(string.Create(CultureInfo.InvariantCulture,
            $"select string_agg(b.state || ' at attempt ' || b.attempt || coalesce(' ' || b.error_text, ''), '; ') from philotes.batch b join philotes.source_table t using (table_id) where t.table_name = '{name}'"));
        Assert.That(ledger, Is.EqualTo("committed at attempt 1"));
        var table = (await _bench.LoadAsync(name)).Metadata;
        var data = table.Document.GetProperty("snapshots").EnumerateArray().Where(snapshot => snapshot.GetProperty("summary").TryGetProperty("philotes.batch", out _)).ToList();
        Assert.That(data, Has.Count.EqualTo(1));
        Assert.That(table.CurrentSnapshotId, Is.EqualTo(data[0].GetProperty("snapshot-id").GetInt64()));
        Assert.That(data[0].GetProperty("summary").GetProperty("total-records").GetString(), Is.EqualTo("3"));
    }

    private static TestCaseData Case(string name, ProxyFault fault) => new TestCaseData(fault).SetArgDisplayNames(name);

    private static string Error(int status) => $$$"""{"error":{"message":"by script","type":"Scripted","code":{{{status}}}}}""";

    [GeneratedRegex("\"metadata-location\":\"[^\"]*\",")]
    private static partial Regex MetadataLocation();
}

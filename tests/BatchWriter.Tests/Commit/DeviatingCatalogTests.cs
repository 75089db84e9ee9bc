using System.Text.Json.Nodes;
using Philotes.Shared;
using Philotes.Testing;
using static Philotes.BatchWriter.Tests.Commit.DeviatingCatalog;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>What measured catalogs do beside the specification; a table is made, written, evolved and written again on each, and holds every row once.</summary>
[CancelAfter(240_000)]
public sealed class DeviatingCatalogTests
{
    private WriterBench _bench = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _bench = await WriterBench.StartAsync();

    [OneTimeTearDown]
    public async Task CloseAsync() => await _bench.DisposeAsync();

    [Test]
    public async Task A_catalog_that_shows_one_snapshot_ignores_null_asserts_and_answers_500_to_what_it_does_not_know()
    {
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, prefix: "main", before: (request, body) =>
        {
            if (IsCreate(request) && (body!["stage-create"] is null || body["location"] is not null))
                return Error(500, "RuntimeException", "HTTP 400 Bad Request");
            if (Parts(body, "updates", "action", "add-schema").Any(schema => schema["last-column-id"] is null || schema["schema"]!["schema-id"] is null))
                return Error(500, "RuntimeException", "HTTP 400 Bad Request");
            foreach (var assert in Parts(body, "requirements", "type", "assert-ref-snapshot-id").Where(assert => assert["snapshot-id"] is null).ToList())
                body!["requirements"]!.AsArray().Remove(assert);
            return null;
        }, after: (request, answer) =>
        {
            if (request.Target.StartsWith("/v1/config", StringComparison.Ordinal))
            {
                answer.Remove("endpoints");
                answer["defaults"] = new JsonObject { ["prefix"] = "main" };
            }

            if (answer["error"] is JsonObject error && error["code"]!.GetValue<int>() == 409)
                error["type"] = "";
            if (answer["metadata"] is JsonObject metadata)
            {
                metadata.Remove("metadata-log");
                metadata["properties"]!["nessie.commit.id"] = "0011";
                var head = metadata["current-snapshot-id"]?.GetValue<long>();
                foreach (var older in (metadata["snapshots"] as JsonArray ?? []).Where(snapshot => snapshot!["snapshot-id"]!.GetValue<long>() != head).ToList())
                    metadata["snapshots"]!.AsArray().Remove(older);
            }
        });
        await WritesAsync(catalog);
    }

    [Test]
    public async Task A_catalog_without_staging_endpoints_and_heads_that_refuses_chosen_places()
    {
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, body) => request switch
        {
            { Method: "HEAD" } => new HttpDoubleReply(405),
            _ when IsCreate(request) && body!["stage-create"]?.GetValue<bool>() == true => Error(422, "UnprocessableEntity", "stage-create is not supported"),
            _ when IsCreate(request) && (body!["location"] is not null || body["properties"]!.AsObject().Any(property => property.Key.StartsWith("write.data.path", StringComparison.Ordinal) || property.Key.StartsWith("write.metadata.path", StringComparison.Ordinal))) => Error(422, "UnprocessableEntity", "location"),
            _ when request.Target.EndsWith("transactions/commit", StringComparison.Ordinal) => Error(404, "", "no"),
            _ => null,
        }, after: (request, answer) =>
        {
            answer.Remove("endpoints");
            if (answer["error"] is JsonObject error && error["code"]!.GetValue<int>() == 409)
                error["type"] = "ConflictError";
        });
        await WritesAsync(catalog);
    }

    [Test]
    public async Task A_catalog_that_says_400_to_a_stale_commit_and_to_a_snapshot_of_the_future()
    {
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, body) =>
            Parts(body, "updates", "action", "add-snapshot").Any(snapshot => snapshot["snapshot"]!["timestamp-ms"]!.GetValue<long>() > DateTimeOffset.UtcNow.AddSeconds(60).ToUnixTimeMilliseconds())
                ? Error(400, "InvalidTableUpdate", "Invalid snapshot timestamp")
                : null,
            after: (_, answer) =>
            {
                if (answer["error"] is JsonObject error && error["code"]!.GetValue<int>() == 409)
                    (error["code"], error["type"]) = (400, "InvalidTableUpdate");
            });
        await WritesAsync(catalog);
    }

    [Test]
    public async Task A_conflict_that_is_told_as_400_is_planned_again_when_the_head_moved()
    {
        var raced = 0;
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri);
        var (name, runner) = await FirstAsync(catalog.Uri);
        await using var racing = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, body) =>
        {
            if (!request.Text.Contains("philotes.hwm.", StringComparison.Ordinal) || raced++ > 0)
                return null;
            RaceAsync(name).Wait();
            return Error(400, "BadRequestException", "Commit validation failed");
        });
        await _bench.AppendAsync(Schema(name), Change.Insert("2", "b"));
        await _bench.Runner(racing.Uri).RunUntilIdleAsync(CancellationToken.None);

        await AssertRowsAsync(name, 2);
        Assert.That(raced, Is.EqualTo(2));
    }

    [Test]
    public async Task Two_snapshots_an_hour_apart_by_the_catalogs_clock_are_dated_by_it()
    {
        var there = DateTimeOffset.UtcNow.AddHours(-1);
        var dates = new List<long>();
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, body) =>
        {
            dates.AddRange(Parts(body, "updates", "action", "add-snapshot").Select(snapshot => snapshot["snapshot"]!["timestamp-ms"]!.GetValue<long>()));
            return null;
        }, after: (_, answer) =>
        {
            if (answer["metadata"] is JsonObject metadata)
                metadata["last-updated-ms"] = there.ToUnixTimeMilliseconds();
        }, date: there.ToString("R"));
        await FirstAsync(catalog.Uri);
        Assert.That(DateTimeOffset.FromUnixTimeMilliseconds(dates[0]), Is.EqualTo(there).Within(TimeSpan.FromMinutes(1)), "a writer whose clock runs ahead must not bring the table into the future");
    }

    [Test]
    public async Task A_catalog_that_accepts_and_ignores_the_mark_stops_the_table()
    {
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, after: (_, answer) =>
        {
            foreach (var property in (answer["metadata"]?["properties"] as JsonObject ?? []).Where(property => property.Key.StartsWith("philotes.hwm.", StringComparison.Ordinal)).ToList())
                answer["metadata"]!["properties"]!.AsObject().Remove(property.Key);
        });
        var name = NewName();
        await _bench.AppendAsync(Schema(name), Change.Insert("1", "a"));
        await _bench.Runner(catalog.Uri).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await ErrorAsync(name), Does.StartWith("PH305").And.Contain("no mark"));
        Assert.That(catalog.Requests.Count(request => request.Text.Contains("philotes.hwm.", StringComparison.Ordinal)), Is.EqualTo(1), "sent once, and not again and again");
    }

    [Test]
    public async Task A_permanent_refusal_that_comes_as_409_is_not_sent_ten_times()
    {
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, _) =>
            request.Text.Contains("philotes.hwm.", StringComparison.Ordinal) ? Error(409, "FailedToSetProperties", "property not allowed") : null);
        var name = NewName();
        await _bench.AppendAsync(Schema(name), Change.Insert("1", "a"));
        await _bench.Runner(catalog.Uri).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await ErrorAsync(name), Does.StartWith("PH305").And.Contain("property not allowed"));
        Assert.That(catalog.Requests.Count(request => request.Text.Contains("philotes.hwm.", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task The_same_request_still_running_is_waited_for_with_the_same_meaning()
    {
        var asked = 0;
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, _) =>
            request.Text.Contains("philotes.hwm.", StringComparison.Ordinal) && asked++ == 0 ? Error(409, "RequestInProgress", "still running") : null);
        var (name, _) = await FirstAsync(catalog.Uri);
        await AssertRowsAsync(name, 1);
    }

    [Test]
    public async Task Each_planning_has_an_idempotency_key_of_its_own_where_keys_are_advertised()
    {
        var keys = new List<string>();
        var refused = 0;
        await using var catalog = DeviatingCatalog.Start(_bench.CatalogUri, before: (request, _) =>
        {
            if (!request.Text.Contains("philotes.hwm.", StringComparison.Ordinal))
                return null;
            var key = request.Headers["Idempotency-Key"];
            // As the specification has it: a deterministic answer is remembered and replayed for its key.
            var replayed = keys.Contains(key);
            keys.Add(key);
            return replayed || refused++ == 0 ? Error(409, "CommitFailedException", "moved") : null;
        }, after: (request, answer) =>
        {
            if (request.Target.StartsWith("/v1/config", StringComparison.Ordinal))
                answer["idempotency-key-lifetime"] = "PT30M";
        });
        var (name, _) = await FirstAsync(catalog.Uri);
        await AssertRowsAsync(name, 1);
        Assert.That(keys, Is.Unique.And.Count.EqualTo(2));
    }

    private async Task WritesAsync(DeviatingCatalog catalog)
    {
        var (name, runner) = await FirstAsync(catalog.Uri);
        await _bench.AppendAsync(Schema(name), Change.Insert("2", "b"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        await _bench.AppendAsync(WriterBench.Schema(name, 'd', ("id", "bigint", true), ("note", "text", false), ("added", "integer", false)), Change.Insert("3", "c", "7"));
        await runner.RunUntilIdleAsync(CancellationToken.None);

        await AssertRowsAsync(name, 3);
        Assert.That((await _bench.LoadAsync(name)).Metadata.Schema.Fields.Select(field => field.Name), Does.Contain("added"));
        var first = (await _bench.LoadAsync(name)).Metadata.Document.GetProperty("snapshots").EnumerateArray().MinBy(snapshot => snapshot.GetProperty("sequence-number").GetInt64());
        Assert.That(first.GetProperty("summary").TryGetProperty("philotes.batch", out _), Is.False, "the first snapshot holds no data");
    }

    private async Task<(string Name, BatchRunner Runner)> FirstAsync(Uri catalog)
    {
        var name = NewName();
        var runner = _bench.Runner(catalog);
        await _bench.AppendAsync(Schema(name), Change.Insert("1", "a"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await ErrorAsync(name), Is.Empty);
        return (name, runner);
    }

    private async Task RaceAsync(string name)
    {
        var catalog = await _bench.CatalogAsync();
        var table = await _bench.LoadAsync(name);
        var head = table.Metadata.CurrentSnapshot!;
        var foreign = head with { SnapshotId = head.SnapshotId ^ 1, ParentSnapshotId = head.SnapshotId, SequenceNumber = table.Metadata.LastSequenceNumber + 1, Summary = new Dictionary<string, string> { ["operation"] = "append" } };
        await catalog.CommitAsync(new Iceberg.Rest.CommitRequest(table.Identifier, Iceberg.Rest.TableRequirement.UnchangedHead(table.Metadata), Iceberg.Rest.TableUpdate.AppendToMain(foreign, table.Metadata.MainRef)), CancellationToken.None);
    }

    private Task<string> ErrorAsync(string name) => _bench.ScalarAsync<string>(
        $"select coalesce(string_agg(error_code || ' ' || error_text, '; '), '') from philotes.batch b join philotes.source_table t using (table_id) where t.table_name = '{name}'");

    private async Task AssertRowsAsync(string name, int rows)
    {
        Assert.That(await ErrorAsync(name), Is.Empty);
        Assert.That((await _bench.ReadAsync(name)).Select(row => row["id"]!.ToString()), Is.EqualTo(Enumerable.Range(1, rows).Select(id => $"{id}")));
    }

    private static string NewName() => "t" + Guid.NewGuid().ToString("N")[..12];

    private static TableSchema Schema(string name) => WriterBench.Schema(name, 'd', ("id", "bigint", true), ("note", "text", false));
}

using System.Globalization;
using System.Text.Json;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>What happens to tables, and what others do to theirs in the lake.</summary>
[NonParallelizable]
public sealed class SchemaChangeTests
{
    private const string Blocking = "  - { match: public.blocked, on_type_change: block }\n  - { match: public.texts, on_type_change: string }\n"
        + "  - { match: public.again, on_recreate: new-table }\n  - { match: public.goes_on, on_recreate: continue }\n  - { match: public.thin, on_drop_column: drop }\n";

    [TestCase("BatchWriter", "wr.before_schema_commit")]
    [TestCase("BatchWriter", "wr.schema_response_lost")]
    [TestCase("BatchWriter", "wr.after_schema_commit")]
    [TestCase("Capture", "cap.schema_insert")]
    [TestCase("Capture", "cap.schema_inserted")]
    [CancelAfter(400_000)]
    public async Task A_kill_in_a_schema_change_is_found_again_and_nothing_is_applied_twice(string project, string failpoint, CancellationToken cancellationToken)
    {
        await using var pipeline = await StartedAsync("create table t (id int primary key, a text, n int)", cancellationToken);
        await pipeline.ExecuteAsync("insert into t values (1, 'one', 1)", cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        await (project == "Capture" ? pipeline.Capture! : pipeline.Writer!).KillAsync();
        Start(pipeline, project, failpoint + "=exit@1");

        await pipeline.ExecuteAsync("begin; alter table t rename a to b; alter table t add c date; alter table t alter n type bigint; insert into t values (2, 'two', 2, '2024-02-29'); commit", cancellationToken);
        await (project == "Capture" ? pipeline.Capture! : pipeline.Writer!).ExitAsync(cancellationToken);
        Start(pipeline, project, null);
        await pipeline.CatchUpAsync(cancellationToken);

        var table = await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken);
        var schemas = table.Metadata.GetProperty("schemas").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RowsAsync(table, "id", "b", "n", "c"), Is.EqualTo(new[] { """insert 1 "one" 1 null""", """insert 2 "two" 2 "2024-02-29" """.TrimEnd() }));
            Assert.That(schemas, Has.Count.EqualTo(2));
            Assert.That(schemas[1].GetProperty("fields").GetArrayLength(), Is.EqualTo(schemas[0].GetProperty("fields").GetArrayLength() + 1));
        }
    }

    [Test]
    [CancelAfter(500_000)]
    public async Task Tables_are_followed_and_one_that_waits_stops_no_other(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartedAsync(
            """
            create table moved (id int primary key, v text); create schema elsewhere;
            create table blocked (id int primary key, v int); create table texts (id int primary key, v int);
            create table again (id int primary key, v text); create table goes_on (id int primary key, v text); create table waits (id int primary key, v text);
            create table parent (id int primary key); create table child (id int primary key, parent int references parent);
            create table thin (id int primary key, v text, w text);
            """, cancellationToken);
        await pipeline.ExecuteAsync(
            """
            insert into moved values (1, 'a'); insert into blocked values (1, 7); insert into texts values (1, 7); insert into again values (1, 'a'); insert into goes_on values (1, 'a');
            insert into waits values (1, 'a'); insert into parent values (1); insert into child values (1, 1); insert into thin values (1, 'v', 'w');
            """, cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);

        await pipeline.ExecuteAsync("alter table moved rename to renamed; alter table renamed set schema elsewhere", cancellationToken);
        await pipeline.ExecuteAsync("alter table blocked alter v type date using null; alter table texts alter v type date using null; alter table thin drop v", cancellationToken);
        await pipeline.ExecuteAsync(string.Concat(new[] { "again", "goes_on", "waits" }.Select(table => $"drop table {table}; create table {table} (id int primary key, v text, extra int);")), cancellationToken);
        await PublishedAsync(pipeline, ["again", "goes_on", "waits"], cancellationToken);
        await pipeline.ExecuteAsync(
            """
            insert into elsewhere.renamed values (2, 'b'); insert into blocked values (2, '2024-02-29'); insert into texts values (2, '2024-02-29'); insert into thin values (2, 'x');
            insert into again values (1, 'new', 5); insert into goes_on values (1, 'new', 5); insert into waits values (1, 'new', 5);
            """, cancellationToken);
        await pipeline.ExecuteAsync("begin; truncate parent cascade; insert into parent values (2); insert into child values (2, 2); commit", cancellationToken);
        await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await Until.TrueAsync(
            async () => await ScalarAsync(pipeline, "select string_agg(t.table_name || ':' || coalesce(k.state_reason, ''), ' ' order by t.table_name) from philotes.table_cursor k join philotes.source_table t using (table_id) join philotes.table_head h using (table_id) where h.head_seq > k.committed_seq") is "blocked:PH201 waits:PH222",
            pipeline.Describe, cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RowsAsync(pipeline, "moved", "id", "v"), Is.EqualTo(new[] { """insert 1 "a" """.TrimEnd(), """insert 2 "b" """.TrimEnd() }));
            Assert.That(await RowsAsync(pipeline, "blocked", "id", "v"), Is.EqualTo(new[] { "insert 1 7" }));
            Assert.That(await RowsAsync(pipeline, "texts", "id", "v", "v__v2"), Is.EqualTo(new[] { "insert 1 7 null", """insert 2 null "2024-02-29" """.TrimEnd() }));
            Assert.That(await RowsAsync(pipeline, "again", "id", "v"), Is.EqualTo(new[] { """insert 1 "a" """.TrimEnd() }));
            Assert.That(await RowsAsync(pipeline, "again_2", "id", "v", "extra"), Is.EqualTo(new[] { """insert 1 "new" 5""" }));
            Assert.That(await RowsAsync(pipeline, "goes_on", "id", "v", "extra"), Is.EqualTo(new[] { """insert 1 "a" null""", """insert 1 "new" 5""" }));
            Assert.That(await RowsAsync(pipeline, "parent", "id"), Is.EqualTo(new[] { "insert 1", "truncate null", "insert 2" }));
            Assert.That(await RowsAsync(pipeline, "child", "id", "parent"), Is.EqualTo(new[] { "insert 1 1", "truncate null null", "insert 2 2" }));
            Assert.That(await RowsAsync(pipeline, "thin", "id", "v", "w"), Is.EqualTo(new[] { """insert 1 - "w" """.TrimEnd(), """insert 2 - "x" """.TrimEnd() }));
            Assert.That(
                await ScalarAsync(pipeline, "select string_agg(distinct n.code, ' ') from philotes.schema_notice n join philotes.table_schema using (schema_id) where table_name = 'texts'"),
                Is.EqualTo("PH201 PH210"));
        }
    }

    [Test]
    [CancelAfter(400_000)]
    public async Task What_others_change_in_the_lake_stays_and_is_written_to_correctly(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartedAsync("create table t (id int primary key, v text); create table gone (id int primary key)", cancellationToken);
        await pipeline.ExecuteAsync("insert into t values (1, 'one'); insert into gone values (1)", cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = new Uri(pipeline.CatalogUri) }, cancellationToken);
        await AlterInTheLakeAsync(catalog, cancellationToken);
        await catalog.DropTableAsync(TableIdentifier.Parse("public.gone_changelog"), cancellationToken);

        await pipeline.ExecuteAsync("insert into t values (2, 'two'); alter table t add extra int; insert into t values (3, 'three', 3); insert into gone values (2)", cancellationToken);
        await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await Until.TrueAsync(
            async () => await ScalarAsync(pipeline, "select string_agg(t.table_name || ':' || coalesce(k.state_reason, ''), ' ') from philotes.table_cursor k join philotes.source_table t using (table_id) join philotes.table_head h using (table_id) where h.head_seq > k.committed_seq") is "gone:PH304",
            pipeline.Describe, cancellationToken);

        var table = await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken);
        var loaded = await catalog.LoadTableAsync(TableIdentifier.Parse("public.t_changelog"), cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await RowsAsync(table, "id", "v", "remark", "extra"), Is.EqualTo(new[] { """insert 1 "one" null null""", """insert 2 "two" null null""", """insert 3 "three" null 3""" }));
            Assert.That(loaded.Metadata.Schema.Fields.Take(2).Select(field => field.Name), Is.EqualTo(new[] { "remark", "v" }), "their order stays");
            Assert.That(loaded.Metadata.Schema.FindField("v")!.Doc, Is.EqualTo("what was said"));
            Assert.That(loaded.Metadata.Properties["owner"], Is.EqualTo("somebody"));
            Assert.That(
                (await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation, "id = 3")).Count, Is.EqualTo(1), "a filter on the partitioned column finds its row");
        }
    }

    private static async Task AlterInTheLakeAsync(RestCatalog catalog, CancellationToken cancellationToken)
    {
        var loaded = await catalog.LoadTableAsync(TableIdentifier.Parse("public.t_changelog"), cancellationToken);
        var metadata = loaded.Metadata;
        var added = metadata.LastColumnId + 1;
        IEnumerable<NestedField> fields =
        [
            new NestedField(added, "remark", Required: false, new StringType()), metadata.Schema.FindField("v")! with { Doc = "what was said" },
            .. metadata.Schema.Fields.Where(field => field.Name != "v"),
        ];
        var schema = new IcebergSchema(metadata.CurrentSchemaId + 1, [.. fields]);
        var outcome = await catalog.CommitAsync(
            new CommitRequest(loaded.Identifier, [new TableRequirement.AssertTableUuid(metadata.TableUuid)],
            [
                new TableUpdate.AddSchema(schema, added), new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded),
                new TableUpdate.AddSpec(PartitionSpec.Parse(["bucket(4,id)"], schema) with { SpecId = 1 }), new TableUpdate.SetDefaultSpec(TableUpdate.LastAdded),
                new TableUpdate.SetProperties(new Dictionary<string, string> { ["owner"] = "somebody" }),
            ]), cancellationToken);
        Assert.That(outcome, Is.TypeOf<CommitOutcome.Committed>(), outcome.ToString());
    }

    private static async Task<Pipeline> StartedAsync(string ddl, CancellationToken cancellationToken)
    {
        var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, new PipelineShape(Defaults: "  copy: never"), cancellationToken);
        var yaml = await File.ReadAllTextAsync(pipeline.ConfigurationFile, cancellationToken);
        var rules = yaml.Replace("  - match: \"public.*\"\n", "  - match: \"public.*\"\n" + Blocking, StringComparison.Ordinal);
        Assert.That(rules, Is.Not.EqualTo(yaml));
        await File.WriteAllTextAsync(pipeline.ConfigurationFile, rules, cancellationToken);
        await pipeline.ExecuteAsync(ddl, cancellationToken);
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        pipeline.StartWriter();
        return pipeline;
    }

    private static void Start(Pipeline pipeline, string project, string? failpoints)
    {
        if (project == "Capture")
            pipeline.StartCapture(failpoints);
        else
            pipeline.StartWriter(failpoints);
    }

    /// <summary>Tables made while it runs enter the publication at the next look.</summary>
    private static Task PublishedAsync(Pipeline pipeline, string[] tables, CancellationToken cancellationToken) => Until.TrueAsync(
        async () =>
        {
            await using var command = pipeline.Source.CreateCommand("select count(distinct tablename) from pg_publication_tables where tablename = any($1)");
            command.Parameters.AddWithValue(tables);
            return await command.ExecuteScalarAsync(cancellationToken) is long count && count == tables.Length;
        },
        pipeline.Describe, cancellationToken);

    private static async Task<IReadOnlyList<string>> RowsAsync(Pipeline pipeline, string table, params string[] columns) =>
        await RowsAsync(await new Lake(pipeline.CatalogUri).TableAsync($"{table}_changelog", CancellationToken.None), columns);

    /// <summary>Operation and values as the reference reader prints them, in the source's order; a dash for a column that is not there.</summary>
    private static async Task<IReadOnlyList<string>> RowsAsync(LakeTable table, params string[] columns) =>
    [
        .. (await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation)).Select(line => JsonDocument.Parse(line).RootElement)
            .OrderBy(row => row.GetProperty("_cdc_lsn").GetInt64()).ThenBy(row => row.GetProperty("_cdc_seq").GetInt64())
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.GetProperty("_cdc_operation").GetString()} {string.Join(' ', columns.Select(column => row.TryGetProperty(column, out var value) ? value.GetRawText() : "-"))}")),
    ];

    private static async Task<object?> ScalarAsync(Pipeline pipeline, string sql)
    {
        await using var command = pipeline.Buffer.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

using System.Globalization;
using System.Text.Json;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>Schemas, tables and columns of hostile names through a real source, the whole pipeline and a reader that is not ours.</summary>
[NonParallelizable]
public sealed class HostileNamesTests
{
    private const int TableCount = 36;
    private static readonly string[] Refused = ["line\nbreak", "escape\u001b[31m"];

    [Test]
    [CancelAfter(500_000)]
    public async Task Tables_and_columns_of_hostile_names_arrive_under_their_names_and_nothing_lies_outside_the_warehouse(CancellationToken cancellationToken)
    {
        var names = HostileNames.Of(seed: 8, count: 10_000).Where(name => !name.StartsWith('_') && !name.StartsWith("pg_", StringComparison.Ordinal)).ToList();
        var random = new Random(8);
        string Any() => names[random.Next(names.Count)];
        // A dot in a schema's name parts it into levels in the lake.
        var schemas = names.Where(name => !name.Contains('.', StringComparison.Ordinal) && !name.Any(char.IsControl)).OrderBy(_ => random.Next()).Take(5).Append("public").ToList();
        var tables = names.Where(name => !name.Any(char.IsControl)).OrderBy(_ => random.Next()).Take(TableCount)
            .Select((name, i) => (Schema: schemas[i % schemas.Count], Table: name, Key: Any(), Value: Any(), Text: Any())).Where(table => table.Key != table.Value).ToList();
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, new PipelineShape(Match: "*.*"), cancellationToken);
        foreach (var schema in schemas.Where(schema => schema != "public"))
            await pipeline.ExecuteAsync($"create schema {Quote(schema)}", cancellationToken);
        foreach (var (schema, table, key, value, _) in tables)
            await pipeline.ExecuteAsync($"create table {Quote(schema)}.{Quote(table)} ({Quote(key)} int primary key, {Quote(value)} text)", cancellationToken);
        foreach (var table in Refused)
            await pipeline.ExecuteAsync($"create table {Quote(table)} (id int primary key); insert into {Quote(table)} values (1)", cancellationToken);
        var outside = FilesOutside(pipeline);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        foreach (var (schema, table, _, _, text) in tables)
        {
            await using var insert = pipeline.Source.CreateCommand($"insert into {Quote(schema)}.{Quote(table)} values (7, $1)");
            insert.Parameters.AddWithValue(text);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await Until.TrueAsync(
            async () => await pipeline.BufferAsync<long>("select (select count(*) from philotes.table_cursor where committed_seq > 0) + (select count(*) from philotes.batch where state in ('failed', 'dead'))", cancellationToken) == tables.Count + Refused.Length,
            pipeline.Describe, cancellationToken);
        var refused = await pipeline.BufferAsync<string[]>("select array_agg(t.table_name || ' ' || b.error_code) from philotes.batch b join philotes.source_table t using (table_id) where b.state in ('failed', 'dead')", cancellationToken);
        Assert.That(refused, Is.EquivalentTo(Refused.Select(table => $"{table} PH305")), "these cannot be stored in the layout of a SQL catalog; each stops alone, and is named");

        var lake = new List<string>();
        using var http = new HttpClient();
        foreach (var (schema, table, _, _, _) in tables)
        {
            using var json = JsonDocument.Parse(await http.GetStringAsync(Raw($"{pipeline.CatalogUri}/v1/namespaces/{Segment(schema)}/tables/{Segment($"{table}_changelog")}"), cancellationToken));
            lake.Add(json.RootElement.GetProperty("metadata-location").GetString()!);
        }

        var rows = await ForeignReaders.ReadManyMetadataWithJavaAsync(lake);
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < tables.Count; i++)
            {
                using var row = JsonDocument.Parse(rows[i].Single());
                Assert.That(row.RootElement.GetProperty(tables[i].Key).GetInt32(), Is.EqualTo(7), Name(tables[i].Table));
                Assert.That(row.RootElement.GetProperty(tables[i].Value).GetString(), Is.EqualTo(tables[i].Text), Name(tables[i].Table));
            }
        }

        Assert.That(lake, Has.All.StartsWith(new Uri(pipeline.Warehouse).AbsoluteUri.TrimEnd('/') + "/"));
        Assert.That(FilesOutside(pipeline), Is.EqualTo(outside));
        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    /// <summary>What lies in the pipeline's folder beside the warehouse, where a name that became a path would come out.</summary>
    private static List<string> FilesOutside(Pipeline pipeline) =>
        [.. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(pipeline.Warehouse)!).Order(StringComparer.Ordinal)];

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Segment(string name) => name is "." or ".." ? name.Replace(".", "%2E", StringComparison.Ordinal) : Uri.EscapeDataString(name);

    private static Uri Raw(string uri) => new(uri, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static string Name(string name) => string.Concat(name.Select(c => c < ' ' ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));
}

using System.Text.Json;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Exactness.Tests;

/// <summary>Prints what is in the lake, by the reference reader alone, and what the pipeline itself wrote down about values that it replaced.</summary>
internal sealed class LakeDump(Pipeline pipeline, KnownTables known)
{
    private static readonly string[] Reserved = ["_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number"];

    /// <summary>Writes <c>key.changelog.jsonl</c> per table and <c>value_exceptions.jsonl</c>; returns the tables that cannot be read, and why.</summary>
    public async Task<IReadOnlyList<string>> WriteAsync(CancellationToken cancellationToken)
    {
        var metadata = await MetadataAsync(cancellationToken);
        var found = known.Tables.Where(table => metadata.ContainsKey(table.SourceTable)).ToList();
        var failures = await ForeignReaders.WriteManyWithJavaAsync(
            [.. found.Select(table => (Path.Combine(known.Actual, $"{table.Key}.changelog.jsonl"), metadata[table.SourceTable]))]);
        foreach (var table in found)
            await RenameReservedAsync(Path.Combine(known.Actual, $"{table.Key}.changelog.jsonl"), cancellationToken);
        await WriteExceptionsAsync(cancellationToken);
        return [.. failures, .. known.Tables.Except(found).Select(table => $"{table.Key}: not in the lake")];
    }

    /// <summary>
    /// A column whose name Iceberg reserves goes by that name with a suffix in the lake; the set expects the source's name. A name in quotes with a colon
    /// behind it is a key: within a value the quotes would be escaped.
    /// </summary>
    private static async Task RenameReservedAsync(string file, CancellationToken cancellationToken)
    {
        var rows = await File.ReadAllTextAsync(file, cancellationToken);
        var renamed = Reserved.Aggregate(rows, static (text, name) => text.Replace($"\"{name}_2\":", $"\"{name}\":", StringComparison.Ordinal));
        if (!ReferenceEquals(renamed, rows))
            await File.WriteAllTextAsync(file, renamed, cancellationToken);
    }

    /// <summary>Where each source table's newest metadata lies. The lake's table says itself what it holds.</summary>
    private async Task<Dictionary<string, string>> MetadataAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        using var http = new HttpClient();
        using var list = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{pipeline.CatalogUri}/v1/namespaces/exact/tables"), cancellationToken));
        foreach (var name in list.RootElement.GetProperty("identifiers").EnumerateArray().Select(table => table.GetProperty("name").GetString()!))
        {
            var uri = new Uri($"{pipeline.CatalogUri}/v1/namespaces/exact/tables/{Uri.EscapeDataString(name)}");
            using var table = JsonDocument.Parse(await http.GetStringAsync(uri, cancellationToken));
            var holds = table.RootElement.GetProperty("metadata").GetProperty("properties").GetProperty("philotes.table").GetString()!;
            found[holds[(holds.IndexOf("/exact.", StringComparison.Ordinal) + "/exact.".Length)..]] = table.RootElement.GetProperty("metadata-location").GetString()!;
        }

        return found;
    }

    private async Task WriteExceptionsAsync(CancellationToken cancellationToken)
    {
        var keys = known.Tables.ToDictionary(table => table.SourceTable, table => table.Key);
        await using var file = new StreamWriter(Path.Combine(known.Actual, "value_exceptions.jsonl"));
        await using var command = pipeline.Buffer.CreateCommand("select t.table_name, e.column_name, e.original from philotes.value_exception e join philotes.source_table t using (table_id)");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var table = keys.GetValueOrDefault(reader.GetString(0), reader.GetString(0));
            await file.WriteLineAsync(JsonSerializer.Serialize(new { table, column = reader.GetString(1), text = reader.GetString(2) }));
        }
    }

    /// <summary>Tables with changes that the lake does not have, each with what the ledger says about it.</summary>
    public static async Task<IReadOnlyList<string>> BehindAsync(NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        await using var command = buffer.CreateCommand("""
            select t.table_name || ': ' || k.state || ' ' || coalesce(k.state_reason, '') || ' ' || coalesce((
                select string_agg(distinct coalesce(b.error_code, b.state) || ' ' || coalesce(b.error_text, ''), '; ') from philotes.batch b where b.table_id = t.table_id and b.state not in ('committed', 'rewound')), '')
            from philotes.source_table t join philotes.table_head h using (table_id) join philotes.table_cursor k using (table_id)
            where h.head_seq > k.committed_seq
            order by 1
            """);
        var behind = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            behind.Add(reader.GetString(0));
        return behind;
    }
}

using System.Text.Json;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>One row of a changelog as a foreign reader printed it.</summary>
internal sealed record LakeRow(string Operation, long Lsn, long Sequence, long? Key, int? Version, Guid? Transaction)
{
    public static LakeRow Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var row = json.RootElement;
        return new LakeRow(
            row.GetProperty("_cdc_operation").GetString()!,
            Long(row, "_cdc_lsn")!.Value,
            Long(row, "_cdc_seq")!.Value,
            Long(row, "key"),
            (int?)Long(row, "version"),
            row.GetProperty("tx").GetString() is { } text ? Guid.Parse(text) : null);
    }

    private static long? Long(JsonElement row, string name) => row.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number => number.GetInt64(),
        var text => long.Parse(text.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>A table of the lake: where its metadata lies, read through the catalog's HTTP interface alone.</summary>
internal sealed class Lake(string catalogUri)
{
    public async Task<LakeTable> TableAsync(string table, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{catalogUri}/v1/namespaces/public/tables/{Uri.EscapeDataString(table)}"), cancellationToken));
        return new LakeTable(json.RootElement.GetProperty("metadata-location").GetString()!, json.RootElement.GetProperty("metadata").Clone());
    }
}

internal sealed record LakeTable(string MetadataLocation, JsonElement Metadata)
{
    /// <summary>All rows of each table by the reference reader, in the source's order.</summary>
    /// <param name="store">Where the files are, when they are not local.</param>
    public static async Task<IReadOnlyList<IReadOnlyList<LakeRow>>> RowsAsync(IReadOnlyList<LakeTable> tables, S3Server? store = null) =>
        [.. (await ForeignReaders.ReadManyMetadataWithJavaAsync([.. tables.Select(table => table.MetadataLocation)], store?.JavaOptions ?? []))
            .Select(lines => lines.Select(LakeRow.Parse).OrderBy(row => row.Lsn).ThenBy(row => row.Sequence).ToList())];

    /// <summary>For each data snapshot in commit order: the commit position it reaches and the records it added, from its own summary.</summary>
    public IReadOnlyList<(long Lsn, long Records)> Snapshots() =>
        [.. Metadata.GetProperty("snapshots").EnumerateArray()
            .Select(snapshot => (Order: snapshot.GetProperty("sequence-number").GetInt64(), Summary: snapshot.GetProperty("summary")))
            .Where(snapshot => snapshot.Summary.TryGetProperty("philotes.commit-lsn", out _))
            .OrderBy(snapshot => snapshot.Order)
            .Select(snapshot => (Position(snapshot.Summary.GetProperty("philotes.commit-lsn").GetString()!), Records(snapshot.Summary)))];

    private static long Records(JsonElement summary) =>
        summary.TryGetProperty("added-records", out var records) ? long.Parse(records.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static long Position(string text) => (long)Shared.Lsn.Parse(text).Value;
}

using System.Text.Json;

namespace Philotes.Cli.Demo;

/// <summary>Asks the catalog where a table's metadata is, by plain HTTP.</summary>
sealed class DemoCatalogClient(Uri catalog) : IDisposable
{
    readonly HttpClient _http = new();

    /// <summary>Null for a table that the lake does not have.</summary>
    public async Task<DemoLakeTable?> FindAsync(string ns, string table, CancellationToken cancellationToken)
    {
        var address = new Uri($"{catalog.ToString().TrimEnd('/')}/v1/namespaces/{Uri.EscapeDataString(ns)}/tables/{Uri.EscapeDataString(table)}");
        using var answer = await _http.GetAsync(address, cancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return new DemoLakeTable(json.RootElement.GetProperty("metadata-location").GetString()!, TotalRecords(json.RootElement.GetProperty("metadata")));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>From the summary of the current snapshot; 0 without one.</summary>
    static long TotalRecords(JsonElement metadata)
    {
        if (!metadata.TryGetProperty("current-snapshot-id", out var id) || id.ValueKind != JsonValueKind.Number || id.GetInt64() < 0)
            return 0;
        var current = metadata.GetProperty("snapshots").EnumerateArray().First(snapshot => snapshot.GetProperty("snapshot-id").GetInt64() == id.GetInt64());
        return current.GetProperty("summary").TryGetProperty("total-records", out var total)
            ? long.Parse(total.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
    }
}

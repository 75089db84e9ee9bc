using System.Text.Json;
using Npgsql;
using Philotes.Iceberg.Types;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>What the lake and the pipeline's own record say about the matrix.</summary>
internal static class MatrixLake
{
    public static async Task<string> MetadataAsync(string catalog, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var table = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{catalog}/v1/namespaces/public/tables/{MatrixSource.Table}_changelog"), cancellationToken));
        return table.RootElement.GetProperty("metadata-location").GetString()!;
    }

    /// <summary>Name and type of each column, without field ids.</summary>
    public static async Task<IReadOnlyList<string>> TypesAsync(string metadata, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(new Uri(metadata).LocalPath, cancellationToken));
        var current = document.RootElement.GetProperty("current-schema-id").GetInt32();
        var schema = IcebergSchema.Read(document.RootElement.GetProperty("schemas").EnumerateArray().Single(schema => schema.GetProperty("schema-id").GetInt32() == current));
        return [.. schema.Fields.Select(field => $"{field.Name} {Words(field.Type)}")];
    }

    public static async Task<IReadOnlyList<string>> ExceptionsAsync(NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        await using var command = buffer.CreateCommand("select column_name || ' ' || original from philotes.value_exception");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0));
        return found;
    }

    private static string Words(IcebergType type) => type switch
    {
        StructType s => $"struct<{string.Join(", ", s.Fields.Select(field => $"{field.Name}: {Words(field.Type)}"))}>",
        ListType l => $"list<{Words(l.Element)}>",
        MapType m => $"map<{Words(m.Key)}, {Words(m.Value)}>",
        DecimalType d => $"decimal({d.Precision},{d.Scale})",
        _ => type.ToString()!,
    };
}

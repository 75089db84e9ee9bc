using System.Globalization;
using Philotes.BatchWriter.Columns;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Tables;

/// <summary>Properties of a table of ours.</summary>
internal static class TableProperties
{
    /// <summary>Which source table the lake table holds: <c>orders/public.customers</c>.</summary>
    public const string Source = "philotes.table";
    public const string TypeMapVersion = "philotes.type-map";

    public static string SourceOf(BufferedTable table) => $"{table.SourceName}/{table.TableName}";

    /// <summary>The configured ones over ours: compression and bounded metadata are defaults, the rest is needed to know the table again.</summary>
    public static Dictionary<string, string> ForNew(BufferedTable table, TableSettings settings)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["write.parquet.compression-codec"] = "zstd",
            ["write.metadata.delete-after-commit.enabled"] = "true",
            ["write.metadata.previous-versions-max"] = "100",
        };
        foreach (var (key, value) in settings.Properties)
            properties[key] = value;
        properties["format-version"] = "2";
        properties[Source] = SourceOf(table);
        properties[TypeMapVersion] = TypeMap.Version.ToString(CultureInfo.InvariantCulture);
        return properties;
    }
}

using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One row of <see cref="SourceSql.VersionColumns"/>.</summary>
internal static class SchemaVersionRow
{
    public static SchemaVersion Read(NpgsqlDataReader reader)
    {
        var names = reader.GetFieldValue<string[]>(4);
        var types = reader.GetFieldValue<string[]>(5);
        var keys = reader.GetFieldValue<string[]>(6).ToHashSet(StringComparer.Ordinal);
        var numbers = reader.GetFieldValue<int[]>(7);
        var columns = names.Select((name, i) => new ColumnSchema(name, types[i], keys.Contains(name)) { Number = numbers.Length == 0 ? 0 : numbers[i] });
        var schema = new TableSchema(
            (uint)reader.GetInt64(0), new TableName(reader.GetString(1), reader.GetString(2)), reader.GetString(3)[0], [.. columns])
        {
            Version = reader.GetInt32(9),
            Incarnation = reader.GetInt32(15),
            Dropped = reader.GetFieldValue<int[]>(8),
        };
        return new SchemaVersion(schema, Lsn.Parse(reader.GetString(10)), reader.GetFieldValue<byte[]>(11), Notices(reader));
    }

    private static List<SchemaNotice> Notices(NpgsqlDataReader reader)
    {
        var columns = reader.GetFieldValue<string[]>(12);
        var codes = reader.GetFieldValue<string[]>(13);
        var texts = reader.GetFieldValue<string[]>(14);
        return [.. columns.Select((column, i) => new SchemaNotice(column, codes[i], texts[i]))];
    }
}

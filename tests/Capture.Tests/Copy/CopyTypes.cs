namespace Philotes.Capture.Tests.Copy;

/// <summary>A column of every type that Postgres brings, and rows with their extremes.</summary>
internal static class CopyTypes
{
    public const int RowCount = 6;

    private static readonly (string Type, string[] Values)[] Columns =
    [
        ("boolean", ["true", "false"]), ("smallint", ["-32768", "32767"]), ("integer", ["-2147483648", "2147483647"]),
        ("bigint", ["-9223372036854775808", "9223372036854775807"]), ("oid", ["0", "4294967295"]), ("xid8", ["18446744073709551615"]),
        ("real", ["1.1", "-Infinity", "NaN", "1e-45", "-0"]), ("double precision", ["0.1", "Infinity", "NaN", "5e-324", "-0", "1.7976931348623157e308"]),
        ("numeric", ["1.10", "1.1", "NaN", "Infinity", "-0.000000000000000000000000000000000000001"]), ("numeric(38,10)", ["1234567890123456789012345678.0123456789"]),
        ("numeric(3,-2)", ["12300"]), ("money", ["-92233720368547758.08", "0.05"]), ("text", ["''", " ", "\\N", "a\tb\nc\\d\re\u000bf\bg\fh", "🐘 Grüße", "\""]),
        ("varchar(5)", ["ab"]), ("char(4)", ["a", ""]), ("name", ["n"]), ("\"char\"", ["x"]), ("bytea", ["\\x", "\\x00ff5c0a09"]), ("uuid", ["00000000-0000-0000-0000-000000000001"]),
        ("date", ["4714-11-24 BC", "5874897-12-31", "infinity", "0044-03-15 BC"]), ("time", ["24:00:00", "00:00:00.000001"]), ("timetz", ["23:59:59.999999+15:59:59"]),
        ("timestamp", ["4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "-infinity"]), ("timestamptz", ["1969-12-31 23:59:59.999999+00:00:01", "infinity", "0044-03-15 12:00:00+00 BC"]),
        ("interval", ["-1 year -2 days +3:04:05.6", "178000000 years", "0"]), ("json", ["{\"a\": 1,  \"a\":[null]}"]), ("jsonb", ["{\"b\": 1.10, \"a\": \"\\\\u20ac\"}"]),
        ("int[]", ["{}", "{NULL,1}", "{{1,2},{3,4}}", "[0:1]={5,6}"]), ("text[]", ["{\"a,b\",\"\\\"\",NULL,\"NULL\",\"\\\\\"}"]), ("int4range", ["[1,5)", "empty", "(,)"]),
        ("int4multirange", ["{[1,2),[4,5)}"]), ("bit(5)", ["10101"]), ("varbit", ["", "1"]), ("inet", ["10.0.0.1", "::1/64"]), ("cidr", ["10.0.0.0/8"]), ("macaddr", ["08:00:2b:01:02:03"]),
        ("point", ["(1.5,-0)"]), ("line", ["{1,2,3}"]), ("box", ["(1,1),(0,0)"]), ("path", ["[(0,0),(1,1)]"]), ("polygon", ["((0,0),(1,1))"]), ("circle", ["<(0,0),1>"]),
        ("tsvector", ["'a b':1A c"]), ("tsquery", ["a & !b"]), ("pg_lsn", ["16/B374D848"]), ("xml", ["<a>&amp;</a>"]), ("copy_mood", ["sad"]), ("copy_pair", ["(1,\"x y\")", "(,)"]),
        ("copy_positive", ["7"]), ("regclass", ["pg_class"]), ("jsonpath", ["$.a[*]"]),
    ];

    public static string Create =>
        "create type copy_mood as enum ('sad', 'ok'); create type copy_pair as (a int, b text); create domain copy_positive as int check (value > 0);"
        + $"create table every_type ({string.Join(", ", Columns.Select((column, i) => $"c{i} {column.Type}"))})";

    /// <summary>Row n has the n-th value of each column, or NULL.</summary>
    public static string Insert => string.Join(";", Enumerable.Range(0, RowCount).Select(row =>
        $"insert into every_type values ({string.Join(", ", Columns.Select(column => row < column.Values.Length ? $"'{column.Values[row].Replace("'", "''", StringComparison.Ordinal)}'" : "null"))})"));
}

using System.Globalization;

namespace Philotes.Benchmarks;

/// <summary>A table that is copied: its columns as Postgres and DuckDB spell them, and its rows from a number <c>i</c>.</summary>
/// <param name="Columns">Name, Postgres type, DuckDB type, value.</param>
internal sealed record CopyShape(string Name, IReadOnlyList<(string Name, string Type, string Lake, string Value)> Columns)
{
    public const string Table = "existing";

    public static readonly CopyShape Narrow = new("narrow",
    [
        ("id", "bigint", "BIGINT", "i"), ("customer", "int", "INTEGER", "i % 10000"), ("code", "text", "VARCHAR", "substr(md5(i::text), 1, 16)"),
        ("updated_at", "timestamptz", "TIMESTAMPTZ", "'2024-01-01'::timestamptz + i * interval '1 second'"), ("amount", "numeric(12,2)", "DECIMAL(12,2)", "(i % 100000) / 100.0"),
    ]);

    public static readonly CopyShape Trips = new("trips",
    [
        ("id", "bigint", "BIGINT", "i"), ("vendor", "smallint", "SMALLINT", "i % 3"),
        ("pickup_at", "timestamp", "TIMESTAMP", "'2024-01-01'::timestamp + i * interval '7 seconds'"), ("dropoff_at", "timestamp", "TIMESTAMP", "'2024-01-01'::timestamp + i * interval '7 seconds' + (i % 3000) * interval '1 second'"),
        ("passengers", "int", "INTEGER", "i % 6"), ("distance", "double precision", "DOUBLE", "(i % 4000) / 100.0"), ("rate", "int", "INTEGER", "1 + i % 5"), ("store_and_forward", "boolean", "BOOLEAN", "i % 50 = 0"),
        ("pickup_zone", "int", "INTEGER", "i % 263"), ("dropoff_zone", "int", "INTEGER", "(i * 7) % 263"), ("payment", "text", "VARCHAR", "case i % 3 when 0 then 'credit card' when 1 then 'cash' else 'no charge' end"),
        ("fare", "numeric(10,2)", "DECIMAL(10,2)", "(i % 9000) / 100.0"), ("extra", "numeric(10,2)", "DECIMAL(10,2)", "(i % 500) / 100.0"), ("tax", "numeric(10,2)", "DECIMAL(10,2)", "0.50"),
        ("tip", "numeric(10,2)", "DECIMAL(10,2)", "(i % 1500) / 100.0"), ("tolls", "numeric(10,2)", "DECIMAL(10,2)", "0.00"), ("total", "numeric(10,2)", "DECIMAL(10,2)", "(i % 12000) / 100.0"),
        ("driver", "uuid", "UUID", "md5((i % 5000)::text)::uuid"), ("updated_at", "timestamptz", "TIMESTAMPTZ", "'2024-01-01'::timestamptz + i * interval '7.123456 seconds'"), ("note", "text", "VARCHAR", "'left at corner ' || i % 700"),
    ]);

    /// <summary>Rows of 10 MB that do not compress: one text, turned by another number of bytes for each row.</summary>
    public static readonly CopyShape Large = new("10 MB values",
    [
        ("id", "bigint", "BIGINT", "i"), ("body", "text", "VARCHAR", "(select substr(text, (i * 9973 % 10000000)::int + 1) || substr(text, 1, (i * 9973 % 10000000)::int) from noise)"),
    ])
    {
        With = "with noise as materialized (select string_agg(md5(n::text), '') as text from generate_series(1, 327680) n) ",
        FitsCsv = false,
    };

    /// <summary>What the values are taken from.</summary>
    public string With { get; private init; } = "";

    /// <summary>Whether a line of it is one that readers of CSV are made for.</summary>
    public bool FitsCsv { get; private init; } = true;

    public string Create => $"create table {Table} ({string.Join(", ", Columns.Select(column => $"{column.Name} {column.Type}"))}, primary key (id))";

    public string ColumnNames => string.Join(", ", Columns.Select(column => column.Name));

    public string Insert(long first, long last) => string.Create(CultureInfo.InvariantCulture,
        $"insert into {Table} {With}select {string.Join(", ", Columns.Select(column => column.Value))} from generate_series({first}::bigint, {last}::bigint) i");
}

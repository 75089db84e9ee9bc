using System.Diagnostics;
using System.Globalization;
using System.Text;
using Philotes.BatchWriter.Columns;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.Benchmarks;

/// <summary>
/// What decoding costs, type by type, against a copy of the same bytes; then the whole way from a tuple to zstd Parquet. Times are CPU time of this process,
/// so that a busy machine does not count.
/// </summary>
internal static class TypeBenchmark
{
    private const int Repeats = 300;

    private static readonly (string Type, string Value)[] Values =
    [
        ("boolean", "t"), ("integer", "-123456789"), ("bigint", "1234567890123456789"), ("double precision", "3.141592653589793"), ("real", "2.71828"),
        ("numeric(12,2)", "1234567.89"), ("numeric(38,10)", "1234567890123456789012345678.0123456789"), ("numeric", "12345.6789"), ("text", "a note of twenty-six letters"),
        ("bytea", @"\x000102030405060708090a0b0c0d0e0f"), ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), ("date", "2024-02-29"),
        ("timestamp without time zone", "2024-02-29 12:34:56.789012"), ("timestamp with time zone", "2024-02-29 12:34:56.789012+00"), ("money", "$1,234,567.89"),
        ("integer[]", "{1,2,3,4,5,6,7,8}"), ("text[]", "{one,\"two three\",NULL,four}"), ("row(1 \"n\" integer, 2 \"t\" text)", "(42,\"a \"\"b\"\" c\")"),
        ("hstore", "\"a\"=>\"1\", \"b\"=>NULL"),
    ];

    /// <summary>The shape of taxi trips: what a wide table of facts looks like.</summary>
    private static readonly (string Name, string Type, string Value)[] Trip =
    [
        ("id", "bigint", "1234567"), ("vendor", "smallint", "2"), ("pickup_at", "timestamp without time zone", "2024-02-29 12:34:56"), ("dropoff_at", "timestamp without time zone", "2024-02-29 12:54:01"),
        ("passengers", "integer", "3"), ("distance", "double precision", "7.25"), ("rate", "integer", "1"), ("store_and_forward", "boolean", "f"), ("pickup_zone", "integer", "142"),
        ("dropoff_zone", "integer", "236"), ("payment", "text", "credit card"), ("fare", "numeric(10,2)", "31.50"), ("extra", "numeric(10,2)", "2.50"), ("tax", "numeric(10,2)", "0.50"),
        ("tip", "numeric(10,2)", "7.56"), ("tolls", "numeric(10,2)", "0.00"), ("total", "numeric(10,2)", "42.06"), ("driver", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("updated_at", "timestamp with time zone", "2024-02-29 12:54:07.123456+00"), ("note", "text", "left at the corner"),
    ];

    public static void Decode()
    {
        Console.WriteLine("| type | ns/value | values/s | a copy of its bytes, ns | ratio |\n|---|---|---|---|---|");
        foreach (var (type, value) in Values)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            var decoded = Nanoseconds(rows => Write(type, bytes, rows));
            var copied = Nanoseconds(rows => Copy(bytes, rows));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `{type}` | {decoded:F1} | {1e9 / decoded:N0} | {copied:F1} | {decoded / copied:F1} |"));
        }
    }

    public static void Encode(int rows)
    {
        var schema = new TableSchema(1, new TableName("public", "trips"), 'd', [.. Trip.Select((column, i) => new ColumnSchema(column.Name, column.Type, i == 0) { Number = i + 1 })]);
        _ = TablePattern.TryParse("*.*", out var all);
        var settings = new PhilotesOptions { Tables = [new TableRule { Match = all }] }.For("public", "trips")!;
        var plan = SchemaEvolution.Plan([], FieldRoles.Empty, 0, schema, EvolutionRules.Of(settings));
        var folder = Directory.CreateTempSubdirectory("philotes-bench-").FullName;
        try
        {
            var table = new IcebergSchema(0, plan.Fields);
            var clock = Stopwatch.StartNew();
            var cpu = Cpu();
            using var replaced = new ReplacedValues(folder);
            var encoder = new ChangelogEncoder(ChangelogBinding.Of(table, plan.Roles, schema, settings), replaced);
            using var files = new DataFileWriter(
                new DataFileOptions(folder, 512L << 20, 1, new ParquetWriterOptions { ThreadCount = 1, TempFolder = folder }), table, encoder, partitioner: null, UnchangedValues.For(schema, 32L << 20), "bench");
            AppendAll(files, rows);
            var written = files.Complete();
            var seconds = (Cpu() - cpu).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"\n{rows:N0} rows of {Trip.Length} columns, tuples to Parquet: {rows / seconds:N0} rows a CPU second, {rows / clock.Elapsed.TotalSeconds:N0} rows/s, {written.Sum(file => file.File.ByteCount):N0} bytes"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AppendAll(DataFileWriter files, int rows)
    {
        var tuples = Enumerable.Range(0, 4096).Select(Tuple).ToArray();
        for (var i = 0; i < rows; i++)
        {
            files.Append(new EventRow
            {
                Op = ChangeKind.Insert,
                CommitLsn = new Lsn((ulong)i),
                TxSeq = 0,
                Xid = 1,
                CommitTimestampMicros = i,
                HasNew = true,
                NewRow = tuples[i % tuples.Length],
                Ordinal = i,
            });
        }
    }

    private static byte[] Tuple(int number)
    {
        using var bytes = new MemoryStream();
        Span<byte> head = stackalloc byte[5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt16BigEndian(head, (short)Trip.Length);
        bytes.Write(head[..2]);
        foreach (var (name, _, value) in Trip)
        {
            var text = Encoding.UTF8.GetBytes(name is "id" or "passengers" ? number.ToString(CultureInfo.InvariantCulture) : value);
            head[0] = (byte)TupleValueKind.Text;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head[1..], text.Length);
            bytes.Write(head);
            bytes.Write(text);
        }

        return bytes.ToArray();
    }

    private static void Write(string type, byte[] value, int chunks)
    {
        var id = 1;
        var mapping = TypeMap.For(PostgresType.Parse(type), new ColumnChoices());
        var lake = mapping.NewType(() => ++id);
        var writer = mapping.WriterInto(lake)!();
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            using var target = new DataChunk([new DuckDbField("v", TypeOf(lake))]);
            for (var row = 0; row < DataChunk.Capacity; row++)
            {
                if (!writer.TryWrite(target[0], row, value))
                    throw new InvalidOperationException($"{type} refused its value.");
            }
        }
    }

    private static void Copy(byte[] value, int chunks)
    {
        var target = new byte[value.Length * DataChunk.Capacity];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            for (var row = 0; row < DataChunk.Capacity; row++)
                value.CopyTo(target.AsSpan(row * value.Length));
        }
    }

    private static double Nanoseconds(Action<int> work)
    {
        work(Repeats / 10);
        var before = Cpu();
        work(Repeats);
        return (Cpu() - before).TotalNanoseconds / (Repeats * (double)DataChunk.Capacity);
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;

    private static DuckDbType TypeOf(IcebergType type) => type switch
    {
        BooleanType => DuckDbType.Of(DuckDbTypeId.Boolean),
        IntType => DuckDbType.Of(DuckDbTypeId.Integer),
        LongType => DuckDbType.Of(DuckDbTypeId.BigInt),
        FloatType => DuckDbType.Of(DuckDbTypeId.Float),
        DoubleType => DuckDbType.Of(DuckDbTypeId.Double),
        DecimalType d => DuckDbType.Decimal(d.Precision, d.Scale),
        DateType => DuckDbType.Of(DuckDbTypeId.Date),
        TimestampType => DuckDbType.Of(DuckDbTypeId.Timestamp),
        TimestampTzType => DuckDbType.Of(DuckDbTypeId.TimestampTz),
        UuidType => DuckDbType.Of(DuckDbTypeId.Uuid),
        BinaryType => DuckDbType.Of(DuckDbTypeId.Blob),
        ListType l => DuckDbType.List(TypeOf(l.Element)),
        MapType m => DuckDbType.Map(TypeOf(m.Key), TypeOf(m.Value)),
        StructType s => DuckDbType.Struct([.. s.Fields.Select(field => new DuckDbField(field.Name, TypeOf(field.Type)))]),
        _ => DuckDbType.Of(DuckDbTypeId.Text),
    };
}

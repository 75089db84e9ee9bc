using System.Collections.Immutable;
using System.Globalization;
using Philotes.BatchWriter.Operations.Verification;
using Philotes.BatchWriter.Tables;
using Philotes.DuckDb;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Verification;

/// <summary>A changelog of many rows is folded within bounded memory, to the same rows as one that holds nothing but them.</summary>
[CancelAfter(180_000)]
public sealed class LakeRowsTests
{
    private const int Rows = 2_000_000;
    private static readonly Lsn At = new(9);

    private string _folder = "";

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("philotes-lake-rows-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    // 64 MiB: the engine by itself gives up at 2,000,000 keys with that, whatever it spills.
    [Test]
    public void Two_million_rows_are_folded_with_64_MiB()
    {
        const string id = "range";
        // A tenth of the rows is deleted, a tenth gets another number and keeps a text that the update did not send, a tenth moves to another key.
        var changes = Write("changes", $"""
            select {id}, {id} % 7, 'note ' || {id}, 'insert', 1, range, null, null from range({Rows})
            union all select {id}, null, null, 'delete', 2, range, null, null from range(0, {Rows}, 10)
            union all select {id}, 8, null, 'update', 2, range, ['note'], null from range(1, {Rows}, 10)
            union all select {id} + 10000000, 3, 'moved', 'update', 2, range, null, {id} from range(2, {Rows}, 10)
            """);
        var left = Write("left", $"""
            select {id} + case {id} % 10 when 2 then 10000000 else 0 end, case {id} % 10 when 1 then 8 when 2 then 3 else {id} % 7 end,
                case {id} % 10 when 2 then 'moved' else 'note ' || {id} end, 'read', 1, range, null, null
            from range({Rows}) where {id} % 10 <> 0
            """);
        using var folded = LakeRows.Fold(Options(ByteSize.FromMebibytes(64)), Shape(), [changes], Rows / 10 * 13, At, At);
        using var plain = LakeRows.Fold(Options(ByteSize.FromGibibytes(1)), Shape(), [left], changes: 1, At, At);
        var buckets = folded.Buckets();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(buckets.Values.Sum(bucket => bucket.Rows), Is.EqualTo(Rows / 10 * 9));
            Assert.That(buckets, Is.EquivalentTo(plain.Buckets()));
            Assert.That(folded.Of(["000", "7ff", "abc"]), Is.EquivalentTo(plain.Of(["abc", "000", "7ff"])).And.Not.Empty);
        }
    }

    [Test]
    public void However_many_rows_a_part_stays_small_beside_the_memory()
    {
        var shape = Shape();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(VerifySql.Parts(shape, changes: 0, 192 << 20), Is.EqualTo(1));
            Assert.That(VerifySql.Parts(shape, changes: 10_000_000, 192 << 20), Is.EqualTo(5));
            Assert.That(VerifySql.Parts(shape, changes: 100_000_000, 192 << 20), Is.EqualTo(51));
            Assert.That(VerifySql.Parts(shape, changes: long.MaxValue / 1_000, 192 << 20), Is.EqualTo(128));
        }
    }

    private WriterOptions Options(ByteSize memory) => new() { Memory = memory, TempFolder = _folder };

    private static TableShape Shape()
    {
        var (id, number, note) = (new NestedField(1, "id", Required: true, new LongType()), new NestedField(2, "number", Required: false, new LongType()), new NestedField(3, "note", Required: false, new StringType()));
        var before = new NestedField(8, OurColumns.Before, Required: false, new StructType([new NestedField(9, "id", Required: false, new LongType())]));
        var ours = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, int>
        {
            [OurColumns.Operation] = 4, [OurColumns.Lsn] = 5, [OurColumns.Sequence] = 6, [OurColumns.Unchanged] = 7, [OurColumns.Before] = 8,
        });
        return new TableShape(
            new TableName("public", "t"),
            [
                VerifiedColumn.Of(new ColumnSchema("id", "bigint", IsKey: true), id)!,
                VerifiedColumn.Of(new ColumnSchema("number", "bigint", IsKey: false), number)!,
                VerifiedColumn.Of(new ColumnSchema("note", "text", IsKey: false), note)!,
            ],
            [], before, new Dictionary<int, string> { [1] = "id" }, new FieldRoles(1, ImmutableSortedDictionary<int, SourceField>.Empty, ours), new IcebergSchema(0, [id, number, note]));
    }

    /// <param name="rows">id, number, note, operation, position, sequence, columns not sent, old id.</param>
    private string Write(string name, string rows)
    {
        var path = Path.Combine(_folder, $"{name}.parquet");
        using var database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { TempFolder = Path.Combine(_folder, "spill") });
        using var connection = database.Connect();
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $$$"""
            copy (
                select id::bigint as id, number::bigint as number, note::varchar as note, op, lsn::bigint as lsn, seq::bigint as seq, u::varchar[] as u,
                    case when b is not null then {'id': b::bigint} end as b
                from ({{{rows}}}) as c(id, number, note, op, lsn, seq, u, b)
            ) to {{{SqlText.Literal(path)}}} (format parquet, field_ids {id: 1, number: 2, note: 3, op: 4, lsn: 5, seq: 6, u: {__duckdb_field_id: 7, element: 10}, b: {__duckdb_field_id: 8, id: 9}})
            """));
        return path;
    }
}

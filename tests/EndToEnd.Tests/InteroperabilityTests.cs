using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>Three readers that we did not write return the same rows, with and without a filter.</summary>
[NonParallelizable]
public sealed class InteroperabilityTests
{
    private const string Shop = """
        create type mood as enum ('sad', 'ok', 'happy');
        create table "Every. type" (
            id int primary key, small smallint, big bigint, flag boolean, single real, twice double precision, money_like numeric(20,4), wide numeric(38,10),
            anything numeric, words text, code char(5), bytes bytea, person uuid, day date, moment timestamp, instant timestamptz, at_time time, doc jsonb, feeling mood, tags text[]);
        """;

    private const string Rows = """
        insert into "Every. type" values
            (1, 32767, 9223372036854775807, true, 1.5, 2.25, 1234567890123456.7891, 1234567890123456789012345678.0123456789, 1.10, 'it''s', 'ab', '\x00ff', '00000000-0000-0000-0000-000000000001',
             '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+02', '23:59:59.999', '{"a": [1, 2]}', 'happy', '{a,NULL,"c d"}'),
            (2, -32768, -9223372036854775808, false, -0.5, -1e300, -0.0001, -0.0000000001, 12345678901234567890.123456789, '', '     ', '\x', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
             '1969-12-31', '1969-12-31 23:59:59.999', '1970-01-01 00:00:00+00', '00:00:00', 'null', 'sad', '{}'),
            (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
            (4, 0, 0, true, 0.25, 0.125, 0, 0, 0, E'Grüße 🐘\n\t"\\', 'x', '\xdeadbeef', '7f000000-0000-4000-8000-000000000000', '9999-12-31', '9999-12-31 23:59:59.999', '0001-01-01 00:00:00+00', '12:00:00', '"x"', 'ok', '{{x,y},{z,w}}');
        update "Every. type" set big = 7 where id = 3;
        update "Every. type" set id = 5 where id = 4;
        delete from "Every. type" where id = 2;
        """;

    [TestCase(15)]
    [TestCase(17)]
    [CancelAfter(400_000)]
    public async Task The_same_rows_come_back_from_every_reader(int majorVersion, CancellationToken cancellationToken)
    {
        await using var newer = majorVersion == 15 ? null : await PostgresServer.StartAsync(majorVersion);
        await using var pipeline = await Pipeline.CreateAsync(newer ?? Servers.Source, Servers.Buffer, new PipelineShape(Defaults: "  copy: never"), cancellationToken);
        await pipeline.ExecuteAsync(Shop, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        await pipeline.ExecuteAsync(Rows, cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);

        var table = await new Lake(pipeline.CatalogUri).TableAsync("Every. type_changelog", cancellationToken);
        var metadata = table.MetadataLocation;
        using (Assert.EnterMultipleScope())
        {
            foreach (var (filter, where) in new (string?, string?)[] { (null, null), ("id = 1", "id = 1"), ("small < 0", "small < 0") })
            {
                var java = await ForeignReaders.ReadMetadataWithJavaAsync(metadata, filter);
                var duckDb = await ForeignReaders.ReadWithDuckDbAsync(LocalPath(metadata), "public.t", where);
                var icebird = await ForeignReaders.ReadWithIcebirdAsync(metadata, filter);
                Assert.That(java, Has.Count.EqualTo(filter switch { null => 7, "id = 1" => 1, _ => 1 }), $"rows under {filter ?? "no filter"}");
                Assert.That(duckDb, Is.EqualTo(java), $"DuckDB's extension under {filter ?? "no filter"}");
                Assert.That(icebird.Select(Comparable), Is.EquivalentTo(java.Select(Comparable)), $"icebird under {filter ?? "no filter"}");
            }
        }
    }

    /// <summary>What icebird carries exactly: everything but microseconds, decimals beyond 15 digits, and binary, which it decodes as if it were text.</summary>
    private static string Comparable(string line)
    {
        using var json = System.Text.Json.JsonDocument.Parse(line);
        return string.Join('|', json.RootElement.EnumerateObject()
            .Where(column => column.Name is not ("wide" or "money_like" or "_cdc_timestamp" or "moment" or "instant" or "bytes"))
            .Select(column => $"{column.Name}={column.Value.GetRawText()}"));
    }

    private static string LocalPath(string uri) => uri.StartsWith("file:", StringComparison.Ordinal) ? new Uri(uri).LocalPath : uri;
}

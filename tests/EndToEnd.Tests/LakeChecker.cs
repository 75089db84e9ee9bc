using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>
/// Holds the lake against the clients' own record. For each table and client the two lists must be equal: a lost change shortens the lake's,
/// a doubled one lengthens it, a wrong order swaps two. Then each transaction must lie whole in one snapshot.
/// </summary>
internal static class LakeChecker
{
    public static async Task CheckAsync(Pipeline pipeline, Truth truth, CancellationToken cancellationToken)
    {
        var lake = new Lake(pipeline.CatalogUri);
        var tables = new List<LakeTable>();
        foreach (var table in Workload.Tables)
        {
            tables.Add(await lake.TableAsync($"{table}_changelog", cancellationToken));
        }

        var rows = await LakeTable.RowsAsync(tables);
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < tables.Count; i++)
            {
                CheckPositions(Workload.Tables[i], rows[i]);
                CheckChanges(Workload.Tables[i], rows[i], truth);
                CheckSnapshots(Workload.Tables[i], rows[i], tables[i].Snapshots());
            }
        }

        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    private static void CheckPositions(string table, IReadOnlyList<LakeRow> rows) =>
        Assert.That(rows.GroupBy(row => (row.Lsn, row.Sequence)).Where(group => group.Count() > 1).Select(group => group.Key), Is.Empty, $"{table}: a position occurs twice");

    private static void CheckChanges(string table, IReadOnlyList<LakeRow> rows, Truth truth)
    {
        for (var client = 0; client < truth.Clients; client++)
        {
            var expected = truth.Of(table, client);
            // A delete carries its key alone, except under REPLICA IDENTITY FULL.
            var actual = rows.Where(row => row.Key % truth.Clients == client)
                .Select(row => row.Operation == "delete" ? new Change("delete", row.Key!.Value, null, null) : new Change(row.Operation, row.Key!.Value, row.Version, row.Transaction)).ToList();
            Assert.That(FirstDifference(expected, actual), Is.Null, $"{table}, client {client}: {expected.Count} changes at the source, {actual.Count} in the lake");
        }

        Assert.That(rows.Where(row => row.Key is null), Is.Empty, $"{table}: a change without its key");
    }

    private static void CheckSnapshots(string table, IReadOnlyList<LakeRow> rows, IReadOnlyList<(long Lsn, long Records)> snapshots)
    {
        var previous = long.MinValue;
        foreach (var (lsn, records) in snapshots)
        {
            Assert.That(lsn, Is.GreaterThan(previous), $"{table}: snapshots are in commit order and none ends inside a transaction");
            Assert.That(rows.LongCount(row => row.Lsn > previous && row.Lsn <= lsn), Is.EqualTo(records), $"{table}: the snapshot that reaches {lsn} holds whole transactions");
            previous = lsn;
        }
    }

    private static string? FirstDifference(IReadOnlyList<Change> expected, IReadOnlyList<Change> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var want = i < expected.Count ? expected[i] : null;
            var have = i < actual.Count ? actual[i] : null;
            if (want != have)
            {
                return $"at {i}: the source did '{want}', the lake has '{have}'";
            }
        }

        return null;
    }
}

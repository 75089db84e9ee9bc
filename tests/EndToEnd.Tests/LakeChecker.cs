using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>
/// Holds the lake against the clients' own record. For each table and client the lake's changes must be the end of the client's list, and the rows that were
/// read must be what the list before that end leaves: a lost change shortens the lake's list, a doubled one lengthens it, a wrong order swaps two, and each
/// shows in the rows too. Then each transaction must lie whole in one snapshot.
/// </summary>
internal static class LakeChecker
{
    public static async Task CheckAsync(Pipeline pipeline, Truth truth, CancellationToken cancellationToken, S3Server? store = null)
    {
        var lake = new Lake(pipeline.CatalogUri);
        var tables = new List<LakeTable>();
        foreach (var table in Workload.Tables)
        {
            tables.Add(await lake.TableAsync($"{table}_changelog", cancellationToken));
        }

        var rows = await LakeTable.RowsAsync(tables, store);
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
            var streamed = actual.Where(change => change.Operation != "read").ToList();
            var before = Math.Max(0, expected.Count - streamed.Count);
            Assert.That(FirstDifference([.. expected.Skip(before)], streamed), Is.Null, $"{table}, client {client}: {expected.Count} changes at the source, {streamed.Count} in the lake");
            foreach (var point in CopiedAt(rows))
            {
                var changes = before + rows.Count(row => row.Lsn < point && row.Operation is not ("read" or "truncate") && row.Key % truth.Clients == client);
                var read = rows.Where(row => row.Lsn == point && row.Operation == "read" && row.Key % truth.Clients == client);
                Assert.That(
                    read.Select(row => new Change("read", row.Key!.Value, row.Version, row.Transaction)).OrderBy(change => change.Key), Is.EqualTo(Fold(expected.Take(changes)).OrderBy(change => change.Key)),
                    $"{table}, client {client}: rows that were there before change {changes}");
            }
        }

        Assert.That(rows.Where(row => row.Key is null && row.Operation != "truncate"), Is.Empty, $"{table}: a change without its key");
    }

    private static void CheckSnapshots(string table, IReadOnlyList<LakeRow> rows, IReadOnlyList<(long Lsn, long Records)> snapshots)
    {
        var copied = CopiedAt(rows);
        foreach (var lsn in copied)
        {
            Assert.That(snapshots.Where(snapshot => snapshot.Lsn == lsn).Sum(snapshot => snapshot.Records), Is.EqualTo(rows.LongCount(row => row.Lsn == lsn)), $"{table}: rows copied at {lsn}");
        }

        foreach (var lsn in rows.Where(row => row.Operation == "truncate").Select(row => row.Lsn))
        {
            Assert.That(snapshots.Count(snapshot => snapshot.Lsn == lsn), Is.EqualTo(1), $"{table}: readers see what the copy at {lsn} replaces, or all of it");
        }

        var previous = long.MinValue;
        foreach (var (lsn, records) in snapshots)
        {
            Assert.That(lsn, copied.Contains(lsn) ? Is.GreaterThanOrEqualTo(previous) : Is.GreaterThan(previous), $"{table}: snapshots are in commit order and none ends inside a transaction");
            Assert.That(copied.Contains(lsn) || rows.LongCount(row => row.Lsn > previous && row.Lsn <= lsn) == records, Is.True, $"{table}: the snapshot that reaches {lsn} holds whole transactions");
            previous = lsn;
        }
    }

    /// <summary>Where copies stand, in order: the first before every change, even if the table had no row; each later one behind a truncate.</summary>
    private static List<long> CopiedAt(IReadOnlyList<LakeRow> rows)
    {
        var truncates = rows.Where(row => row.Operation == "truncate").Select(row => row.Lsn).ToHashSet();
        var first = rows.Where(row => row.Operation == "read" && !truncates.Contains(row.Lsn)).Select(row => row.Lsn).Distinct();
        return [.. first.DefaultIfEmpty(long.MinValue), .. truncates.Order()];
    }

    /// <summary>The rows that a list of changes leaves.</summary>
    private static IEnumerable<Change> Fold(IEnumerable<Change> changes)
    {
        var rows = new Dictionary<long, Change>();
        foreach (var change in changes)
        {
            if (change.Operation == "delete")
            {
                rows.Remove(change.Key);
            }
            else
            {
                if (change.OldKey is { } old)
                {
                    rows.Remove(old);
                }

                rows[change.Key] = new Change("read", change.Key, change.Version, change.Transaction);
            }
        }

        return rows.Values;
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

using System.Globalization;
using Philotes.BatchWriter.Commit;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Tries on catalog and store what a writer needs of them (<see cref="LakeTrial"/>), and compares the mark of every table with the buffer's cursor. Beside
/// the work only what changes nothing is looked at.
/// </summary>
public sealed class LakeProbe
{
    private const string MarkWhy = "The mark in the table and the cursor in the buffer say the same, or the next batch of the table is refused.";

    /// <summary>Tables that are loaded in one look beside the work.</summary>
    private const int TablesAtOnce = 50;

    private readonly List<LakeFinding> _findings = [];

    private LakeProbe()
    {
    }

    public IReadOnlyList<LakeFinding> Findings => _findings;

    /// <summary>How far this machine's clock is before that of catalog and store, where they said theirs.</summary>
    public IReadOnlyList<(string Area, TimeSpan Ahead)> Clocks { get; private set; } = [];

    public static async Task<LakeProbe> RunAsync(PhilotesOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var probe = new LakeProbe();
        await using var session = LakeSession.Open(options);
        var catalog = await session.Lake.CatalogAsync(cancellationToken);
        var trial = new LakeTrial(catalog, session.Lake, session.Options.Lake.Store.PartBytes.Bytes, clock);
        await trial.RunAsync(cancellationToken);
        probe._findings.AddRange(trial.Findings);
        probe.Clocks = trial.Clocks;
        await probe.MarksAsync(session, await TablesAsync(session, cancellationToken), cancellationToken);
        return probe;
    }

    /// <summary>
    /// What can change while a writer runs, without a write: whether the catalog answers and has the tables, whether the store gives what a table refers to,
    /// marks, and what other programs do. 50 tables at a time.
    /// </summary>
    /// <param name="after">The last table of the look before, so that each has its turn.</param>
    /// <returns>The findings, and the last table of this look.</returns>
    public static async Task<(LakeProbe Probe, int Last)> WatchAsync(PhilotesOptions options, int after, CancellationToken cancellationToken)
    {
        var probe = new LakeProbe();
        await using var session = LakeSession.Open(options);
        _ = await session.Lake.CatalogAsync(cancellationToken);
        var all = await TablesAsync(session, cancellationToken);
        var now = all.OrderBy(table => table.TableId <= after).ThenBy(table => table.TableId).Take(TablesAtOnce).ToList();
        await probe.MarksAsync(session, now, cancellationToken);
        if (now.Count > 0)
            await probe.ReadAsync(session, now[0], cancellationToken);
        probe.Add("DR40", "catalog", "ok", "the catalog answers", null, LakeTrial.CatalogWhy);
        return (probe, now.Count > 0 ? now[^1].TableId : 0);
    }

    /// <summary>Those of which something is in the lake.</summary>
    private static async Task<IReadOnlyList<TableStatus>> TablesAsync(LakeSession session, CancellationToken cancellationToken) =>
        [.. (await new BufferStatus(session.Db).ReadAsync(cancellationToken)).Tables
            .Where(table => table.RowsOut > 0 && table.State != "dropped" && session.Options.For(table.Name.Schema, table.Name.Table) is not null)];

    private async Task MarksAsync(LakeSession session, IReadOnlyList<TableStatus> tables, CancellationToken cancellationToken)
    {
        var wrong = 0;
        foreach (var status in tables)
        {
            var settings = await session.SettingsAsync(await session.Buffer.Ledger.TableAsync(status.TableId, cancellationToken), cancellationToken);
            var before = await TableCursor.ReadAsync(session.Db, status.TableId, cancellationToken);
            var table = await session.FindTableAsync(settings, cancellationToken);
            var after = await TableCursor.ReadAsync(session.Db, status.TableId, cancellationToken);
            if (table is not null)
                Others(status, table);
            if (Difference(status, settings, table, before.Committed, after.Claimed) is not { } difference)
                continue;
            wrong++;
            Add("DR41", "catalog", "fail", $"{status.Name}: {difference}", "philotes explain PH302", MarkWhy);
        }

        if (wrong == 0)
            Add("DR41", "catalog", "ok", "every table carries what the buffer says it does", null, MarkWhy);
    }

    /// <summary>Whether the store still gives what the table's newest snapshot begins with.</summary>
    private async Task ReadAsync(LakeSession session, TableStatus status, CancellationToken cancellationToken)
    {
        var settings = await session.SettingsAsync(await session.Buffer.Ledger.TableAsync(status.TableId, cancellationToken), cancellationToken);
        if (await session.FindTableAsync(settings, cancellationToken) is not { Metadata.CurrentSnapshot.ManifestList: { } list } table)
            return;
        try
        {
            if (await (await session.Lake.StoreAsync(table, cancellationToken)).HeadAsync(list, cancellationToken) is null)
                Add("DR30", "store", "fail", $"{status.Name}: {list} is not there, so nobody can read the table", "put it back from a copy of the store, or philotes replay plan --mode table", LakeTrial.StoreWhy);
            else
                Add("DR30", "store", "ok", "the store gives what a table refers to", null, LakeTrial.StoreWhy);
        }
        catch (ObjectStoreException failed)
        {
            Add("DR30", "store", "fail", $"{failed.Message}", "grant put, get and delete under the table's location", LakeTrial.StoreWhy);
        }
    }

    /// <summary>What other programs did to a table lately, and how it is written.</summary>
    private void Others(TableStatus status, LoadedTable table)
    {
        var since = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        var foreign = table.Metadata.MainHistory().TakeWhile(snapshot => snapshot.TimestampMs > since)
            .Count(snapshot => snapshot.ParentSnapshotId is not null && !snapshot.Summary.ContainsKey(SummaryKeys.Source));
        var properties = table.Metadata.Properties.Where(property => property.Key.StartsWith("write.", StringComparison.Ordinal)).Select(property => $"{property.Key}={property.Value}").ToList();
        if (foreign > 0 || properties.Count > 0)
            Add("DR42", "catalog", "info", string.Create(CultureInfo.InvariantCulture,
                $"{status.Name}: format version {table.Metadata.FormatVersion}, {foreign} snapshots of other programs in the last day{(properties.Count > 0 ? $", {string.Join(", ", properties)}" : "")}"),
                null, "A rewind stops at other programs' snapshots, and their commits compete with ours.");
    }

    /// <summary>A batch may be on its way while one looks: the mark lies between what was committed before the look and what was claimed behind it.</summary>
    private static string? Difference(TableStatus status, TableSettings settings, LoadedTable? table, long committed, long claimed)
    {
        if (table is null)
            return $"{settings.LakeNamespace}.{settings.LakeTable} is not in the catalog any more";
        var mark = HighWaterMark.Read(table.Metadata.Properties, status.Source);
        return mark is null ? "the lake's table has no mark"
            : mark.Sequence >= committed && mark.Sequence <= claimed ? null
            : string.Create(CultureInfo.InvariantCulture, $"the lake ends at chunk {mark.Sequence}, the buffer's cursor at {committed}");
    }

    private void Add(string id, string area, string result, string what, string? remedy, string why) => _findings.Add(new LakeFinding(id, area, result, what, remedy, why));
}

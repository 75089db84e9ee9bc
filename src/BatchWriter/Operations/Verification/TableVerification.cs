using Npgsql;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// Proves that a lake table equals its source table at one position, or names the rows that do not.
/// <code>
/// take a position and its snapshot at the source ─▶ hash by bucket there ─▶ wait until the lake has the position
///   ─▶ fold the changelog up to it, hash by bucket ─▶ compare; of buckets that differ, compare row by row
/// </code>
/// Neither side is loaded: what is held is 4,096 hashes, and the keys of a few buckets at a time, at most 200,000 or those of one bucket. Changes made meanwhile do not matter. At an earlier
/// position the source is what its snapshot says of every row that has not changed since; of those that have, the first change since says whether
/// they were there, and that is compared.
/// </summary>
public sealed class TableVerification(PhilotesOptions options)
{
    private const int BucketsAtOnce = 16;
    private const long RowsAtOnce = 200_000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    /// <param name="at">The position; null for the source's own of now.</param>
    /// <param name="patience">How long to wait for the lake.</param>
    /// <param name="rowsMax">How many differing rows to name.</param>
    /// <exception cref="PhilotesException">PH018 the table cannot be compared; PH019 the lake did not reach the position in time.</exception>
    public async Task<VerificationResult> RunAsync(
        TableStatus status, VerificationDepth depth, Lsn? at, TimeSpan patience, int rowsMax, Action<string> progress, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var settings = await session.SettingsAsync(await session.Buffer.Ledger.TableAsync(status.TableId, cancellationToken), cancellationToken);
        var schema = await session.Buffer.Registry.LoadSchemaAsync(await TableCursor.NewestSchemaAsync(session.Db, status.TableId, cancellationToken), cancellationToken);
        await using var source = await SourceRows.OpenAsync(options.Source.Connection!.ToConnectionString("philotes-verify"), cancellationToken);
        if (at > source.At)
            throw new PhilotesException("PH019", $"The source itself is at {source.At}, before {at}.");
        var table = await session.FindTableAsync(settings, cancellationToken);
        if (table is null)
        {
            return status.RowsIn == 0
                ? await CompareWithNothingAsync(status, source, cancellationToken)
                : throw new PhilotesException("PH304", $"Table {TargetTables.NameOf(settings)} is not in the catalog.");
        }

        var shape = Shape(table.Metadata, schema, settings).To(depth);
        progress($"Comparing {status.Name} at {at ?? source.At}.");
        var there = at is null ? await source.BucketsAsync(shape, [], cancellationToken) : null;
        await WaitAsync(session.Db, status, source.At, patience, cancellationToken);
        progress("The lake has the position.");
        table = (await session.FindTableAsync(settings, cancellationToken))!;
        shape = Shape(table.Metadata, schema, settings).To(depth);
        using var lake = await LakeRows.FoldAsync(
            options.Writer, shape, table.Metadata, await session.Lake.StoreAsync(table, cancellationToken), at ?? source.At, source.At, cancellationToken);
        there ??= await source.BucketsAsync(shape, lake.Touched, cancellationToken);
        return await CompareAsync(status, shape, at ?? source.At, source, there, lake, rowsMax, cancellationToken);
    }

    private static async Task<VerificationResult> CompareAsync(
        TableStatus status, TableShape shape, Lsn at, SourceRows source, Dictionary<string, (long Rows, ulong Hash)> there, LakeRows lake, int rowsMax, CancellationToken cancellationToken)
    {
        var here = lake.Buckets();
        var differing = there.Keys.Union(here.Keys).Where(bucket => there.GetValueOrDefault(bucket) != here.GetValueOrDefault(bucket)).Order(StringComparer.Ordinal).ToList();
        var rows = lake.TouchedDifferences.Select(difference => difference.Row).Take(rowsMax).ToList();
        foreach (var some in Chunks(differing, there, here))
        {
            if (rows.Count >= rowsMax)
                break;
            rows.AddRange(Compare(await source.OfAsync(shape, some, lake.Touched, cancellationToken), lake.Of(some)).Take(rowsMax - rows.Count));
        }

        return new VerificationResult(
            status.Name, at, there.Values.Sum(bucket => bucket.Rows) + lake.TouchedRows.Source, here.Values.Sum(bucket => bucket.Rows) + lake.TouchedRows.Lake,
            1 << (4 * VerifySql.BucketDigits), differing.Union(lake.TouchedDifferences.Select(difference => difference.Bucket)).Count(), rows, shape.NotCompared,
            [.. shape.Columns.Where(column => column.IsKey).Select(column => column.Name)], status.ParkedEvents, lake.Touched.Length,
            RepairCommand.Of(shape, rows, isAll: rows.Count < rowsMax, isEqual: differing.Count == 0 && rows.Count == 0));
    }

    /// <summary>Buckets in groups of which each side's rows can be held.</summary>
    private static IEnumerable<string[]> Chunks(
        List<string> buckets, Dictionary<string, (long Rows, ulong Hash)> there, Dictionary<string, (long Rows, ulong Hash)> here)
    {
        var largest = buckets.Count == 0 ? 0 : buckets.Max(bucket => Math.Max(there.GetValueOrDefault(bucket).Rows, here.GetValueOrDefault(bucket).Rows));
        return buckets.Chunk((int)Math.Clamp(RowsAtOnce / Math.Max(1, largest), 1, BucketsAtOnce));
    }

    /// <summary>A table of which nothing was ever captured has no table in the lake: it is equal while it is empty.</summary>
    private static async Task<VerificationResult> CompareWithNothingAsync(TableStatus status, SourceRows source, CancellationToken cancellationToken)
    {
        var rows = await source.CountAsync(status.Name, cancellationToken);
        return new VerificationResult(
            status.Name, source.At, rows, LakeRows: 0, Buckets: 1, DifferingBuckets: rows == 0 ? 0 : 1, [], [], [], status.ParkedEvents, ChangedSince: 0,
            rows == 0 ? null : RepairCommand.Whole(status.Name));
    }

    private static TableShape Shape(Iceberg.Metadata.TableMetadata table, TableSchema schema, TableSettings settings) => TableShape.Of(
        table.Schema,
        FieldRoles.Parse(table.Properties.GetValueOrDefault(FieldRoles.Property) ?? throw new PhilotesException("PH304", $"The lake's table of {schema.Name} has no property {FieldRoles.Property}.")),
        schema, settings);

    private static async Task WaitAsync(NpgsqlDataSource buffer, TableStatus status, Lsn at, TimeSpan patience, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (true)
        {
            var source = await new SourceRegistry(buffer).FindAsync(status.Source, cancellationToken);
            if (source?.Durable >= at && !await TableCursor.IsBehindAsync(buffer, status.TableId, at, cancellationToken))
                return;
            if (clock.GetElapsedTime(started) > patience)
                throw new PhilotesException("PH019", $"The lake has not reached {at} within {patience}: the buffer is at {source?.Durable}. 'philotes status' says what {status.Name} waits for.");
            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    private static IEnumerable<DifferingRow> Compare(Dictionary<string, ulong> source, Dictionary<string, ulong> lake) =>
        source.Keys.Union(lake.Keys).Order(StringComparer.Ordinal).Select(key => (source.TryGetValue(key, out var there), lake.TryGetValue(key, out var here)) switch
        {
            (true, false) => new DifferingRow(key, "missing"),
            (false, true) => new DifferingRow(key, "extra"),
            _ => there == here ? null : new DifferingRow(key, "different"),
        }).OfType<DifferingRow>();
}

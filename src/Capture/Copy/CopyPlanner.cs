using System.Globalization;
using Npgsql;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Capture.Source;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>Looks at a table as a snapshot shows it, refuses what cannot be copied whole, and enters its schema version and its ranges.</summary>
internal sealed class CopyPlanner(CaptureSettings settings, IReadOnlyList<string> publications, NpgsqlDataSource bufferDatabase, CaptureRuntime runtime)
{
    private readonly CopyLedger _ledger = new(bufferDatabase);
    private readonly SourceRegistry _registry = new(bufferDatabase);

    /// <summary>
    /// Tables that a snapshot may be taken for. Until its last row is there the buffer holds all of a copy that replaces in one commit, beside everything else: one
    /// that has no room says so, and is left out.
    /// </summary>
    public async Task<IReadOnlyList<CopyTable>> WithRoomAsync(IReadOnlyList<CopyTable> tables, CancellationToken cancellationToken)
    {
        if (!tables.Any(table => table.Whole))
        {
            return tables;
        }

        await using var source = await CopyConnection.OpenAsync(settings.CopyConnection(), cancellationToken);
        var free = settings.BufferBytesMax - await BufferSize.ReadAsync(bufferDatabase, cancellationToken);
        var fitting = new List<CopyTable>();
        foreach (var table in tables)
        {
            var bytes = table.Whole ? Math.Max(table.NeedsBytes ?? 0, await CopyCatalog.BytesAsync(source, table.RelationOid, cancellationToken)) : 0;
            if (bytes <= free / 2)
            {
                fitting.Add(table);
                continue;
            }

            var reason = string.Create(CultureInfo.InvariantCulture,
                $"{table.Name} waits to be copied again: the buffer has to hold about {bytes} bytes of it until the lake's rows are replaced in one commit, and half of the {free} bytes that are free of buffer.max_bytes ({settings.BufferBytesMax}) is not enough. Raise it, or end this with 'philotes tables resync {table.Name} --cancel' and copy the table in ranges (--where), which deletes nothing: 'philotes verify hash' finds rows that only the lake has.");
            runtime.Logger.CopyYields(CopyFailure.NoRoom, reason);
            await _ledger.FailAsync(table, CopyFailure.NoRoom, reason, settings.Copy.RetryDelay, cancellationToken);
        }

        return fitting;
    }

    /// <summary>False: not yet, the stream has to come up to the snapshot's point first.</summary>
    public async Task<bool> StartAsync(NpgsqlConnection source, CopySnapshot snapshot, CopyTable table, CancellationToken cancellationToken)
    {
        try
        {
            await CopyConnection.BeginAsync(source, snapshot, cancellationToken);
            var described = await CopyCatalog.DescribeAsync(source, table.RelationOid, publications, cancellationToken)
                ?? throw new PhilotesException(CopyFailure.Gone, $"{table.Name} was dropped before it could be copied.");
            Require(described);
            if (await SchemaAsync(source, snapshot, table, described, cancellationToken) is not { } schemaId)
            {
                // Altered between the snapshot and now: it keeps waiting, for the next one.
                return true;
            }

            var (ranges, rows) = await CopyCatalog.PlanAsync(source, table.RelationOid, settings.Copy.ChunkBytes, cancellationToken);
            await Failpoints.HitAsync("snap.before_start", cancellationToken);
            var started = await _ledger.StartAsync(table, snapshot, schemaId, settings.Copy.ClaimBytes, rows, ranges, cancellationToken);
            if (started)
            {
                runtime.Logger.CopyStarted(table.Name, rows, ranges.Count);
            }

            return started;
        }
        finally
        {
            if (source.State == System.Data.ConnectionState.Open)
            {
                await CopyConnection.ExecuteAsync(source, "rollback", cancellationToken);
            }
        }
    }

    /// <summary>The version of the table that the snapshot shows, numbered before the stream's later ones. Null: too late for that.</summary>
    private async Task<int?> SchemaAsync(
        NpgsqlConnection source, CopySnapshot snapshot, CopyTable table, CopyDescription described, CancellationToken cancellationToken)
    {
        var last = NumberedRelation.Of(await _registry.VersionAtAsync(table.TableId, snapshot.Point, cancellationToken));
        var attributes = await RelationCatalog.AttributesAsync(source, table.RelationOid, cancellationToken);
        var types = await ColumnTypes.ResolveAsync(source, described.Relation, described.Numbers, last, MoneyDigitsAsync, cancellationToken);
        var version = new NumberedRelation(described.Relation.Columns, described.Numbers, types, RelationCatalog.Dropped(attributes, last, described.Numbers));
        var schema = new TableSchema(table.RelationOid, described.Relation.Name, described.Relation.ReplicaIdentity, version.ToColumns()) { Dropped = version.Dropped };
        var masked = new TableMask(settings.Columns(table.Name)).Of(schema);
        return await _ledger.EnsureSchemaAsync(table.TableId, masked, snapshot.Point, described.Relation.Raw, cancellationToken);
    }

    private async Task<int> MoneyDigitsAsync(CancellationToken cancellationToken)
    {
        await using var unpinned = await SourceConnection.OpenWithOwnMoneyAsync(settings.SourceConnection(), cancellationToken);
        return await TypeCatalog.MoneyDigitsAsync(unpinned, cancellationToken);
    }

    private static void Require(CopyDescription table)
    {
        var quoted = Identifier.Quote(table.Relation.Name.Schema, table.Relation.Name.Table);
        if (!table.MayRead)
        {
            throw new PhilotesException("PH121", $"The source's role may not read {table.Relation.Name}, so its existing rows cannot be copied and its changes wait. Run: grant select on {quoted} to the role, or set copy to never for it.");
        }

        if (table.HidesRows)
        {
            throw new PhilotesException("PH132", $"Row security of {table.Relation.Name} hides rows from the source's role, so a copy would have gaps. Give the role BYPASSRLS, or set copy to never for it.");
        }
    }
}

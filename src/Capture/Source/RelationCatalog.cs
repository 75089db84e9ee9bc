using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Gives each described relation its numbers in the buffer: table and schema version, made when new. The table is the OID: it is wanted when
/// its name now or the one it was first seen under is. Names, types, order and keys of a version are the message's, which is of its place in the log; the attribute numbers come
/// from the catalog of now (<see cref="ColumnNumbering"/>). Nothing of this is lost in a crash: the same messages come again and
/// find the versions that were entered for their positions.
/// </summary>
internal sealed class RelationCatalog(
    string connectionString, SourceRegistry registry, int sourceId, Func<TableName, bool> matches, Func<TableName, TableMask> masks, Func<TableName, bool> copies, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<uint, DescribedRelation> _described = [];
    private NpgsqlConnection? _catalog;
    private int? _moneyDigits;

    /// <summary>Null when the configuration does not want the table.</summary>
    /// <param name="position">Commit position of the transaction that the message came in.</param>
    /// <param name="xid">That transaction.</param>
    public async Task<CapturedTable?> ResolveAsync(RelationMessage relation, Lsn position, uint xid, CancellationToken cancellationToken)
    {
        if (!_described.TryGetValue(relation.RelationOid, out var described))
        {
            var known = await registry.FindTableAsync(sourceId, relation.RelationOid, cancellationToken);
            described = known is null
                ? null
                : new DescribedRelation(known.TableName, NumberedRelation.Of(await registry.VersionAtAsync(known.TableId, position, cancellationToken)));
        }

        if (!matches(relation.Name) && (described is null || !matches(described.FirstName)))
        {
            return null;
        }

        described ??= new DescribedRelation(relation.Name, Version: null);
        described = await DescribeAsync(relation, described, position, xid, cancellationToken);
        _described[relation.RelationOid] = described;
        return described.Table;
    }

    /// <summary>
    /// Looks whether the composite types of a table are what they were, because a transaction has come that committed behind the last look. Where they are not, the rows
    /// up to now are in doubt, each of which then says itself what it is of.
    /// </summary>
    /// <param name="position">Where that transaction committed.</param>
    public async Task<CapturedTable?> LookAsync(uint relationOid, Lsn position, CancellationToken cancellationToken)
    {
        var before = _described[relationOid];
        if (before is not { Relation: { } relation, Version: { } last, Table: { Shape: { } shape } table })
        {
            return before.Table;
        }

        var known = last with { Types = shape.Doubt?.After ?? last.Types };
        var look = await CompositeLook.TakeAsync(await CatalogAsync(cancellationToken), relation, known.Numbers, known, KnownMoneyDigitsAsync, cancellationToken);
        var doubt = look.Against(known.Types);
        if (doubt is null && !known.Types.SequenceEqual(last.Types))
        {
            table = await RegisterAsync(relation, known, before, position, cancellationToken);
            _described[relationOid] = before with { Version = known, Table = table };
        }

        table.Shape?.Know(Later(look.Until, position), doubt);
        return table;
    }

    /// <summary>The version for a row of which <paramref name="choice"/> says what it is of; tells it where nobody can be sure.</summary>
    public async Task<CapturedTable?> TakeAsync(uint relationOid, CompositeChoice choice, Lsn position, CancellationToken cancellationToken)
    {
        var before = _described[relationOid];
        if (before is not { Relation: { } relation, Version: { } last, Table: { Shape: { Doubt: { } doubt } shape } table })
        {
            return before.Table;
        }

        if (!choice.Types.SequenceEqual(last.Types))
        {
            var version = last with { Types = choice.Types };
            table = await RegisterAsync(relation, version, before, position, cancellationToken);
            table.Shape?.Know(shape.KnownUntil, doubt);
            _described[relationOid] = before with { Version = version, Table = table };
        }

        if (!choice.IsCertain && !doubt.IsTold)
        {
            await TellAsync(table.SchemaId, VersionNotices.OfDoubt(relation, doubt), cancellationToken);
            doubt.IsTold = true;
        }

        return table;
    }

    /// <summary>
    /// The version for a row whose composite values have other numbers of fields than the table's last description knew of. The catalog of now has them, or an
    /// earlier version had; of a type that grew since, its first fields are those of then. Where nothing fits the version stays, and the values are outside.
    /// </summary>
    /// <param name="fieldCounts">Column of the message to number of fields.</param>
    public async Task<CapturedTable?> RefitAsync(
        uint relationOid, IReadOnlyDictionary<int, int> fieldCounts, Lsn position, uint xid, CancellationToken cancellationToken)
    {
        var before = _described[relationOid];
        var refitted = $"{xid}: {string.Join(' ', fieldCounts)}";
        if (before is not { Relation: { } relation, Version: { } last, Table: { } table } || before.Refitted == refitted)
        {
            return before.Table;
        }

        var now = await ColumnTypes.ResolveAsync(await CatalogAsync(cancellationToken), relation, last.Numbers, last, MoneyDigitsAsync, cancellationToken);
        var history = await registry.HistoryAsync(table.TableId, cancellationToken);
        var types = last.Types.Select((type, i) => fieldCounts.TryGetValue(i, out var count) ? CompositeFit.Choose(now[i], history, last.Numbers[i], count) ?? type : type).ToList();
        before = before with { Refitted = refitted };
        if (!types.SequenceEqual(last.Types))
        {
            var version = last with { Types = types };
            var refitting = await RegisterAsync(relation, version, before, position, cancellationToken);
            if (table.Shape is { } shape)
            {
                refitting.Shape?.Know(shape.KnownUntil, shape.Doubt);
            }

            before = before with { Version = version, Table = refitting };
        }

        _described[relationOid] = before;
        return before.Table;
    }

    private async Task<DescribedRelation> DescribeAsync(
        RelationMessage relation, DescribedRelation before, Lsn position, uint xid, CancellationToken cancellationToken)
    {
        var catalog = await CatalogAsync(cancellationToken);
        var attributes = await AttributesAsync(catalog, relation.RelationOid, cancellationToken);
        var moment = new StreamMoment(xid, before.Xid == xid ? before.Command : 0, IsRepeated: before.Table is not null);
        var (numbers, command) = ColumnNumbering.Of(relation, attributes, before.Version, moment);
        var types = await ColumnTypes.ResolveAsync(catalog, relation, numbers, before.Version, MoneyDigitsAsync, cancellationToken);
        var look = !types.Any(CompositeLook.IsComposite) ? null
            : await CompositeLook.TakeAsync(catalog, relation, numbers, before.Version, KnownMoneyDigitsAsync, cancellationToken);
        types = look?.Before(relation, numbers, before.Version) ?? types;
        var version = new NumberedRelation(relation.Columns, numbers, types, Dropped(attributes, before.Version, numbers));
        var table = before.Table is { } same && before.IsSame(relation, version) ? same
            : await RegisterAsync(relation, version, before, position, cancellationToken);
        if (look is not null)
        {
            table.Shape?.Know(Later(look.Until, position), look.Against(types));
            await TellOfUnknownPastAsync(relation, before, table, look, xid, cancellationToken);
        }

        return before with { Version = version, Relation = relation, Table = table, Xid = xid, Command = command };
    }

    public async ValueTask DisposeAsync()
    {
        if (_catalog is not null)
        {
            await _catalog.DisposeAsync();
        }
    }

    private async Task<CapturedTable> RegisterAsync(
        RelationMessage relation, NumberedRelation version, DescribedRelation before, Lsn position, CancellationToken cancellationToken)
    {
        var described = new TableSchema(relation.RelationOid, relation.Name, relation.ReplicaIdentity, version.ToColumns()) { Dropped = version.Dropped };
        var mask = masks(before.FirstName);
        var schema = mask.Of(described);
        var tableId = before.Table?.TableId ?? await registry.EnsureTableAsync(sourceId, schema, copies(relation.Name), cancellationToken);
        await Failpoints.HitAsync("cap.schema_insert", cancellationToken);
        var notices = before.Version is null ? [] : VersionNotices.Of(relation.Name, before.Version, version);
        var schemaId = await registry.EnsureSchemaAsync(tableId, schema, position, relation.Raw, notices, cancellationToken);
        await Failpoints.HitAsync("cap.schema_inserted", cancellationToken);
        logger.SchemaSeen(relation.Name, schemaId, schema.Columns.Count, position);
        Log(notices);
        return new CapturedTable(tableId, schemaId, mask.ForRows(described), CompositeShape.Of(version.Types));
    }

    /// <summary>Nobody has seen the composite types of the first row's time, and they were altered since.</summary>
    private Task TellOfUnknownPastAsync(
        RelationMessage relation, DescribedRelation before, CapturedTable table, CompositeLook look, uint xid, CancellationToken cancellationToken) =>
        before.Version is null && look.AlteredBy != 0 && (int)(xid - look.AlteredBy) <= 0
            ? TellAsync(table.SchemaId, VersionNotices.OfUnknownPast(relation, look.Types), cancellationToken)
            : Task.CompletedTask;

    private async Task TellAsync(int schemaId, IReadOnlyList<SchemaNotice> notices, CancellationToken cancellationToken)
    {
        await registry.RecordNoticesAsync(schemaId, notices, cancellationToken);
        Log(notices);
    }

    private void Log(IReadOnlyList<SchemaNotice> notices)
    {
        foreach (var notice in notices)
        {
            logger.SchemaNotice(notice.Code, notice.Text);
        }
    }

    /// <summary>A standby's replay may stand at the transaction itself.</summary>
    private static Lsn Later(Lsn looked, Lsn position) => looked > position ? looked : new Lsn(position.Value + 1);

    private async Task<int> KnownMoneyDigitsAsync(CancellationToken cancellationToken) => _moneyDigits ?? await MoneyDigitsAsync(cancellationToken);

    private async Task<int> MoneyDigitsAsync(CancellationToken cancellationToken)
    {
        await using var unpinned = await SourceConnection.OpenWithOwnMoneyAsync(connectionString, cancellationToken);
        return (_moneyDigits = await TypeCatalog.MoneyDigitsAsync(unpinned, cancellationToken)).Value;
    }

    /// <summary>Columns of earlier versions that the source has dropped and that this version does not have.</summary>
    internal static List<int> Dropped(IReadOnlyList<CatalogAttribute> attributes, NumberedRelation? last, IReadOnlyList<int> numbers)
    {
        if (last is null)
        {
            return [];
        }

        var gone = attributes.Where(attribute => attribute.IsDropped).Select(attribute => attribute.Number).ToHashSet();
        return [.. last.Dropped.Concat(last.Numbers.Where(gone.Contains)).Except(numbers).Distinct().Order()];
    }

    internal static async Task<List<CatalogAttribute>> AttributesAsync(NpgsqlConnection catalog, uint relationOid, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.Attributes, catalog)
        {
            Parameters = { new() { Value = relationOid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var attributes = new List<CatalogAttribute>();
        while (await reader.ReadAsync(cancellationToken))
        {
            attributes.Add(new CatalogAttribute(
                reader.GetInt32(0), reader.GetString(1), reader.GetFieldValue<uint>(2), reader.GetInt32(3), reader.GetBoolean(4), reader.GetBoolean(5),
                reader.GetFieldValue<uint>(6), reader.GetFieldValue<uint>(7)));
        }

        return attributes;
    }

    private async Task<NpgsqlConnection> CatalogAsync(CancellationToken cancellationToken)
    {
        if (_catalog is not { State: System.Data.ConnectionState.Open })
        {
            if (_catalog is not null)
            {
                await _catalog.DisposeAsync();
            }

            _catalog = await SourceConnection.OpenAsync(connectionString, cancellationToken);
        }

        return _catalog;
    }
}

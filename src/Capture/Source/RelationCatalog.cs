using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Gives each described relation its numbers in the buffer: table and schema version, made when new. The server repeats a description after
/// every reconnect and every small change of the catalog; the same bytes are the same version without asking again.
/// </summary>
internal sealed class RelationCatalog(
    string connectionString, SourceRegistry registry, int sourceId, Func<TableName, bool> matches, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<uint, (byte[] Raw, CapturedTable? Table)> _known = [];
    private NpgsqlConnection? _catalog;

    /// <summary>Null when the configuration does not want the table.</summary>
    public async Task<CapturedTable?> ResolveAsync(RelationMessage relation, Lsn validFrom, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(relation.RelationOid, out var known) && known.Raw.AsSpan().SequenceEqual(relation.Raw))
        {
            return known.Table;
        }

        var table = matches(relation.Name) ? await RegisterAsync(relation, validFrom, cancellationToken) : null;
        _known[relation.RelationOid] = (relation.Raw, table);
        return table;
    }

    public async ValueTask DisposeAsync()
    {
        if (_catalog is not null)
        {
            await _catalog.DisposeAsync();
        }
    }

    private async Task<CapturedTable> RegisterAsync(RelationMessage relation, Lsn validFrom, CancellationToken cancellationToken)
    {
        var schema = await ColumnTypes.ResolveAsync(await CatalogAsync(cancellationToken), relation, cancellationToken);
        var tableId = await registry.EnsureTableAsync(sourceId, schema, cancellationToken);
        await Failpoints.HitAsync("cap.schema_insert", cancellationToken);
        var schemaId = await registry.EnsureSchemaAsync(tableId, schema, validFrom, relation.Raw, cancellationToken);
        logger.SchemaSeen(relation.Name, schemaId, schema.Columns.Count, validFrom);
        return new CapturedTable(tableId, schemaId);
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

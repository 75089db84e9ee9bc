namespace Philotes.Iceberg.Rest;

/// <summary>
/// The newest version of tables as the catalog sent it, for the catalog to say "unchanged" to (ETag, If-None-Match): a table with many snapshots is
/// large, and is looked at before every commit. Only what the catalog itself confirms is ever used, and a change whose end is not known is forgotten, so
/// that the next look is a whole one. A table that comes with keys for its files is not kept: keys end, and an unchanged table brings no new ones.
/// Bounded: the tables that were used last stay, up to <see cref="BytesMax"/> of replies.
/// </summary>
internal sealed class KnownTables
{
    public const long BytesMax = 16L << 20;

    readonly Lock _lock = new();
    readonly Dictionary<TableIdentifier, LinkedListNode<(LoadedTable Table, long Bytes)>> _nodes = [];
    readonly LinkedList<(LoadedTable Table, long Bytes)> _lastUsedFirst = new();
    long _bytes;

    public LoadedTable? Find(TableIdentifier table)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(table, out var node))
            {
                return null;
            }

            _lastUsedFirst.Remove(node);
            _lastUsedFirst.AddFirst(node);
            return node.Value.Table;
        }
    }

    /// <param name="bytes">Size of the reply.</param>
    public void Keep(LoadedTable table, long bytes)
    {
        if (table.ETag is null || table.MetadataLocation is null || bytes > BytesMax || BringsKeys(table))
        {
            return;
        }

        lock (_lock)
        {
            Remove(table.Identifier);
            _nodes[table.Identifier] = _lastUsedFirst.AddFirst((table, bytes));
            _bytes += bytes;
            while (_bytes > BytesMax)
            {
                Remove(_lastUsedFirst.Last!.Value.Table.Identifier);
            }
        }
    }

    /// <summary>Keeps the version that a change answered with. Its configuration stays what the table was loaded with: answers to changes need not have it.</summary>
    public void Follow(LoadedTable? known, LoadedTable changed, long bytes)
    {
        if (known is not null)
        {
            Keep(changed with { Config = known.Config, StorageCredentials = known.StorageCredentials }, bytes);
        }
    }

    public void Forget(TableIdentifier table)
    {
        lock (_lock)
        {
            Remove(table);
        }
    }

    static bool BringsKeys(LoadedTable table) =>
        table.Config.ContainsKey("token") || StorageGrant.Of(table).Any(grant => grant.Keys is not null || grant.OffersSigning);

    void Remove(TableIdentifier table)
    {
        if (_nodes.Remove(table, out var node))
        {
            _lastUsedFirst.Remove(node);
            _bytes -= node.Value.Bytes;
        }
    }
}

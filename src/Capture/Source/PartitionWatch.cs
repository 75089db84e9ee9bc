using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Notices partitions that came with rows or left with them: ATTACH, DETACH and DROP of a partition move rows in and out of its table, and the source sends no
/// event for any of them. What was there at the last look lies in the buffer, so that nothing done while capture was away is missed.
/// </summary>
internal sealed class PartitionWatch(SourceRegistry registry, int sourceId, ILogger logger)
{
    private readonly Dictionary<uint, IReadOnlyDictionary<uint, string>> _seen = [];

    /// <param name="captured">Relations that are captured; their leaves belong to them where the publication publishes roots.</param>
    public async Task LookAsync(NpgsqlConnection catalog, IReadOnlyList<uint> captured, CancellationToken cancellationToken)
    {
        var roots = await RootsAsync(catalog, captured, cancellationToken);
        if (roots.Count == 0)
        {
            return;
        }

        var leaves = await LeavesAsync(catalog, roots, cancellationToken);
        foreach (var (root, name) in await registry.PartitionedAsync(sourceId, roots, cancellationToken))
        {
            var now = leaves[root].ToDictionary(leaf => leaf.Oid, leaf => leaf.Name.ToString());
            var before = name.Partitions ?? _seen.GetValueOrDefault(root);
            if (name.Partitions is null || !Same(name.Partitions, now))
            {
                var notices = before is null ? [] : Notices(name.Table, before, [.. leaves[root]]);
                await registry.NotePartitionsAsync(sourceId, root, now, notices, cancellationToken);
                foreach (var notice in notices)
                {
                    logger.SchemaNotice(notice.Code, notice.Text);
                }
            }
        }

        foreach (var root in roots)
        {
            _seen[root] = leaves[root].ToDictionary(leaf => leaf.Oid, leaf => leaf.Name.ToString());
        }
    }

    /// <summary>What there is to say of the step from one look to the next. Pure.</summary>
    internal static IReadOnlyList<SchemaNotice> Notices(TableName table, IReadOnlyDictionary<uint, string> before, IReadOnlyList<Partition> now)
    {
        var came = now.Where(leaf => !before.ContainsKey(leaf.Oid) && leaf is { WasAttached: true, HasRows: true })
            .Select(leaf => new SchemaNotice(leaf.Name.ToString(), "PH212",
                $"Partition {leaf.Name}, a table of its own before, was attached to {table}. The source sends no event for rows that it brought along: in the lake there are only its changes from then on. "
                + $"To have those rows too, copy the table again: philotes tables resync {table}"));
        var left = before.Where(known => !now.Any(leaf => leaf.Oid == known.Key))
            .Select(known => new SchemaNotice(known.Value, "PH213",
                $"Partition {known.Value} of {table} was detached or dropped. The source sends no event for the rows that went with it: in the lake they stay as they were."));
        return [.. came, .. left];
    }

    private static bool Same(IReadOnlyDictionary<uint, string> one, Dictionary<uint, string> other) =>
        one.Count == other.Count && one.All(known => other.TryGetValue(known.Key, out var name) && name == known.Value);

    private static async Task<List<uint>> RootsAsync(NpgsqlConnection catalog, IReadOnlyList<uint> captured, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PartitionSql.Roots, catalog) { Parameters = { Oids(captured) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var roots = new List<uint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            roots.Add(reader.GetFieldValue<uint>(0));
        }

        return roots;
    }

    private static async Task<ILookup<uint, Partition>> LeavesAsync(NpgsqlConnection catalog, List<uint> roots, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PartitionSql.Leaves, catalog) { Parameters = { Oids(roots) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leaves = new List<Partition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            leaves.Add(new Partition(
                reader.GetFieldValue<uint>(1), new TableName(reader.GetString(2), reader.GetString(3)), reader.GetFieldValue<uint>(0), reader.GetBoolean(4), reader.GetBoolean(5)));
        }

        return leaves.ToLookup(leaf => leaf.Root);
    }

    private static NpgsqlParameter Oids(IReadOnlyList<uint> oids) => new() { Value = oids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };
}

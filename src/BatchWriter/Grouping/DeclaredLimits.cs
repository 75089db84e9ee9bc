using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Grouping;

/// <summary>
/// Tells the buffer the commit limits of each table as the configuration has them: a claim must know them before it knows the table. Looks for
/// tables that are new at every run, which costs one short query, and writes only when there are some.
/// </summary>
internal sealed class DeclaredLimits(PhilotesOptions options, BatchLedger ledger)
{
    private readonly HashSet<int> _declared = [];

    public async Task DeclareAsync(CancellationToken cancellationToken)
    {
        var added = (await ledger.TablesAsync(cancellationToken)).Where(table => !_declared.Contains(table.TableId)).ToList();
        if (added.Count == 0)
            return;
        await ledger.DeclareLimitsAsync(added.Select(Limits), cancellationToken);
        _declared.UnionWith(added.Select(table => table.TableId));
    }

    /// <summary>A table that no rule matches fails when it is claimed, and says so; it is claimed by the defaults.</summary>
    private TableLimits Limits(BufferedTable table)
    {
        var commit = options.For(table.TableName.Schema, table.TableName.Table)?.Commit ?? options.Defaults.Commit;
        return new TableLimits(table.TableId, commit.MinRows, commit.MinBytes.Bytes, commit.MaxAge, commit.MaxRows, commit.MaxBytes.Bytes);
    }
}

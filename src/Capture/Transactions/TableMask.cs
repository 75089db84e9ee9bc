using System.Text;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>Which columns of a table are excluded or masked, as the configuration says: of its description, and of its rows.</summary>
internal sealed class TableMask(IReadOnlyDictionary<string, ColumnRule> rules)
{
    private static readonly byte[] NoSalt = [];

    /// <summary>The description that the buffer gets: without dropped columns, hashed ones as text.</summary>
    public TableSchema Of(TableSchema schema) => rules.Count == 0 ? schema : schema with
    {
        Columns = [.. schema.Columns.Where(column => ActionOf(column.Name) != MaskAction.Drop)
            .Select(column => ActionOf(column.Name) == MaskAction.Hash ? column with { Type = "text" } : column)],
    };

    /// <summary>Rewrites the rows of <paramref name="schema"/>, as the source describes it; null when they stay as they are.</summary>
    public TupleMask? ForRows(TableSchema schema)
    {
        var actions = schema.Columns.Select(column => ActionOf(column.Name)).ToArray();
        return Array.TrueForAll(actions, static action => action == MaskAction.Keep)
            ? null
            : new TupleMask(actions, [.. schema.Columns.Select(column => SaltOf(column.Name))]);
    }

    private MaskAction ActionOf(string column) => rules.GetValueOrDefault(column) switch
    {
        { Exclude: true } or { Mask: ColumnMask.Drop } => MaskAction.Drop,
        { Mask: ColumnMask.Sha256 } => MaskAction.Hash,
        { Mask: ColumnMask.Null } => MaskAction.Null,
        _ => MaskAction.Keep,
    };

    /// <summary>Read once per schema version: a salt that changed under a running hash would be two hashes in one table.</summary>
    private byte[] SaltOf(string column) => rules.GetValueOrDefault(column)?.Salt is { } salt ? Encoding.UTF8.GetBytes(salt.Reveal()) : NoSalt;
}

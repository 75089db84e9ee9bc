namespace Philotes.Cli.Demo;

/// <summary>
/// What the source did, kept apart from everything that is under test: the changes of committed transactions, in commit order, by table.
/// </summary>
sealed class ShopLog
{
    readonly Dictionary<ShopTable, List<ShopChange>> _changes = Shop.Tables.ToDictionary(table => table, _ => new List<ShopChange>());

    public long Transactions { get; private set; }

    public long Count => _changes.Values.Sum(changes => (long)changes.Count);

    public IReadOnlyList<ShopChange> Of(ShopTable table) => _changes[table];

    /// <summary>Called once the source has confirmed the commit, and only then.</summary>
    public void Committed(IEnumerable<(ShopTable Table, ShopChange Change)> transaction)
    {
        Transactions++;
        foreach (var (table, change) in transaction)
            _changes[table].Add(change);
    }
}

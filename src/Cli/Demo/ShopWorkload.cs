using Npgsql;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>
/// The shop's live traffic, on one connection so that the order of commits is known: orders come in, change, move to other keys and go;
/// one transaction is rolled back and one has 50,000 rows.
/// </summary>
sealed class ShopWorkload(NpgsqlConnection connection, ShopLog log, TimeProvider time)
{
    const int LargeRowCount = 50_000;
    const int RowsKeptMax = 5_000;
    const int ExistingCustomerCount = 50_000;
    const int ExistingLineCount = 150_000;
    const int ExistingRowsChanged = 1_000;

    /// <summary>Rows that the shop has before anybody looks.</summary>
    public const int ExistingRowCount = ExistingCustomerCount + ExistingLineCount;

    readonly ShopRows _rows = new(seed: 20_240_229);
    readonly List<string?[]> _customers = [];
    readonly List<string?[]> _orders = [];
    readonly List<string?[]> _lines = [];
    readonly List<string?[]> _cards = [];

    /// <summary>Fills the shop before capture starts. Some of these rows are changed later, while they are being copied.</summary>
    public async Task StockAsync(CancellationToken cancellationToken)
    {
        List<string?[]> customers = [.. Enumerable.Range(0, ExistingCustomerCount).Select(_ => _rows.Customer())];
        List<string?[]> lines = [];
        for (var order = _rows.Order(customers[0][0]!)[0]!; lines.Count < ExistingLineCount; order = _rows.Order(customers[0][0]!)[0]!)
        {
            for (var line = 1; line <= 6 && lines.Count < ExistingLineCount; line++)
                lines.Add(_rows.OrderLine(order, line));
        }
        await ShopTransaction.CopyAsync(connection, log, Shop.Customers, customers, ChangeKind.Read, cancellationToken);
        await ShopTransaction.CopyAsync(connection, log, Shop.OrderLines, lines, ChangeKind.Read, cancellationToken);
        _customers.AddRange(customers.TakeLast(ExistingRowsChanged));
        _lines.AddRange(lines.TakeLast(ExistingRowsChanged));
    }

    /// <summary>Runs for the time given, at an even pace; the large and the rolled-back transaction come in the middle.</summary>
    public async Task RunAsync(TimeSpan duration, int transactionsPerSecond, Action<TimeSpan> progress, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (done, large) = (0, false);
        for (var elapsed = TimeSpan.Zero; elapsed < duration; elapsed = time.GetElapsedTime(started))
        {
            if (!large && elapsed > duration / 2)
            {
                large = true;
                await ShopTransaction.CopyAsync(connection, log, Shop.Events, [.. Enumerable.Range(0, LargeRowCount).Select(_ => _rows.Event())], ChangeKind.Insert, cancellationToken);
                await RolledBackAsync(cancellationToken);
            }
            await TransactionAsync(cancellationToken);
            progress(elapsed);
            var due = TimeSpan.FromSeconds((double)++done / transactionsPerSecond) - time.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, time, cancellationToken);
        }
    }

    async Task TransactionAsync(CancellationToken cancellationToken)
    {
        var transaction = new ShopTransaction(connection, log);
        for (var i = _rows.Next(3); i >= 0; i--)
            Step(transaction);
        await transaction.CommitAsync(cancellationToken);
    }

    void Step(ShopTransaction transaction)
    {
        switch (_rows.Next(12))
        {
            case 0 or 1 or 2 when _customers.Count > 0:
                PlaceOrder(transaction);
                break;
            case 3 when _customers.Count > 0:
                MoveCustomer(transaction);
                break;
            case 4 when _cards.Count > 0:
                MoveCard(transaction);
                break;
            case 5 when _orders.Count > 0:
                RateOrder(transaction);
                break;
            case 6 when _lines.Count > 0:
                transaction.Delete(Shop.OrderLines, Take(_lines));
                break;
            case 7 when _cards.Count > 3:
                transaction.Delete(Shop.GiftCards, Take(_cards));
                break;
            case 8 when _customers.Count > 3:
                transaction.Delete(Shop.Customers, Take(_customers));
                break;
            case 9:
                Insert(transaction, Shop.GiftCards, _cards, _rows.GiftCard());
                break;
            case 10:
                transaction.Insert(Shop.Events, _rows.Event());
                break;
            default:
                Insert(transaction, Shop.Customers, _customers, _rows.Customer());
                break;
        }
    }

    void PlaceOrder(ShopTransaction transaction)
    {
        var order = _rows.Order(_customers[_rows.Next(_customers.Count)][0]!);
        Insert(transaction, Shop.Orders, _orders, order);
        for (var line = _rows.Next(6) + 1; line > 0; line--)
            Insert(transaction, Shop.OrderLines, _lines, _rows.OrderLine(order[0]!, line));
        transaction.Insert(Shop.Events, _rows.Event());
    }

    /// <summary>An update that changes the key, and one that does not.</summary>
    void MoveCustomer(ShopTransaction transaction)
    {
        var at = _rows.Next(_customers.Count);
        var old = _customers[at];
        string?[] moved = [_rows.Next(3) == 0 ? _rows.NextCustomerKey() : old[0], .. old[1..4], _rows.Money(1_000_000), .. old[5..]];
        transaction.Update(Shop.Customers, old, moved);
        _customers[at] = moved;
    }

    void MoveCard(ShopTransaction transaction)
    {
        var at = _rows.Next(_cards.Count);
        var old = _cards[at];
        string?[] moved = [_rows.CardNumber(), old[1], _rows.Money(9_999)];
        transaction.Update(Shop.GiftCards, old, moved);
        _cards[at] = moved;
    }

    void RateOrder(ShopTransaction transaction)
    {
        var at = _rows.Next(_orders.Count);
        var old = _orders[at];
        string?[] rated = [.. old[..5], old[5] is null ? "4.5" : null, old[6]];
        transaction.Update(Shop.Orders, old, rated);
        _orders[at] = rated;
    }

    async Task RolledBackAsync(CancellationToken cancellationToken)
    {
        var transaction = new ShopTransaction(connection, log);
        for (var i = 0; i < 100; i++)
            transaction.Insert(Shop.Events, _rows.Event());
        if (_cards.Count > 0)
            transaction.Delete(Shop.GiftCards, _cards[0]);
        await transaction.RollBackAsync(cancellationToken);
    }

    static void Insert(ShopTransaction transaction, ShopTable table, List<string?[]> kept, string?[] row)
    {
        transaction.Insert(table, row);
        if (kept.Count < RowsKeptMax)
            kept.Add(row);
    }

    string?[] Take(List<string?[]> kept)
    {
        var at = _rows.Next(kept.Count);
        var row = kept[at];
        kept.RemoveAt(at);
        return row;
    }
}

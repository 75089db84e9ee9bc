using Philotes.Capture.Decoding;

namespace Philotes.Capture.Source;

/// <summary>
/// Finds the attribute number of each column of a RELATION message. The message is of its place in the log and has no numbers; the catalog has
/// numbers and is of now, any number of changes later; the last version has both and is of some time before.
/// <code>
/// last version        id#1  a#2
///                       │     ╲  dropped
/// message             id    a  ╲            what was sent: names, types and order are the truth
///                       │    ╲
/// catalog, now        id#1   ╲ #2 dropped   a#3
/// </code>
/// Numbers only grow and are never given twice, and the columns of a message stand in the order of their numbers; so a numbering is an
/// order-preserving choice among the attributes. Of all that are possible the one is taken that needs the fewest ALTER TABLE steps (add, drop, rename,
/// retype) from the last version over the message to the catalog, and that agrees with the catalog's transaction ids: a row that was made by a
/// transaction not younger than the message's is taken to be as it was then. What can be decided wrongly is which lake column a value goes
/// to, and only where the catalog forgot (docs/adr/0007); never a name, a type or a value.
/// </summary>
internal sealed class ColumnNumbering
{
    /// <summary>One ALTER TABLE.</summary>
    private const int Step = 4;

    /// <summary>A column that is there and is not sent: the publication has a column list.</summary>
    private const int Hidden = 3 * Step;

    /// <summary>Transaction ids say otherwise. They follow the log but where a transaction took its id long before it came to this table.</summary>
    private const int Contradiction = 10 * Step;

    /// <summary>The catalog's row is younger than the message and yet the same: something was changed that a message does not show.</summary>
    private const int Doubt = 1;
    private const int Impossible = int.MaxValue / 4;

    private readonly RelationMessage _message;
    private readonly IReadOnlyList<CatalogAttribute> _attributes;
    private readonly Dictionary<int, RelationColumn> _last;
    private readonly int _lastNumber;
    private readonly uint _xid;

    private ColumnNumbering(
        RelationMessage message, IReadOnlyList<CatalogAttribute> attributes, Dictionary<int, RelationColumn> last, int lastNumber, uint xid)
    {
        _message = message;
        _attributes = attributes;
        _last = last;
        _lastNumber = lastNumber;
        _xid = xid;
    }

    /// <summary>One number per column of the message, increasing. Pure.</summary>
    /// <param name="catalog">All attributes with a number above 0, in order; empty when the table is gone.</param>
    /// <param name="last">The version before; null for the first.</param>
    /// <param name="xid">The transaction that the message came in.</param>
    public static IReadOnlyList<int> Of(
        RelationMessage message, IReadOnlyList<CatalogAttribute> catalog, NumberedRelation? last, uint xid)
    {
        var known = last?.ByNumber() ?? [];
        var lastNumber = last is null ? 0 : Math.Max(known.Keys.DefaultIfEmpty().Max(), last.Dropped.DefaultIfEmpty().Max());
        return new ColumnNumbering(message, Completed(message, catalog, known, lastNumber), known, last is null ? int.MaxValue : lastNumber, xid).Solve();
    }

    /// <summary>A table that is gone has no catalog any more: its last version stands in for it, with room behind it for what was added since.</summary>
    private static IReadOnlyList<CatalogAttribute> Completed(
        RelationMessage message, IReadOnlyList<CatalogAttribute> catalog, Dictionary<int, RelationColumn> known, int lastNumber)
    {
        if (catalog.Count >= message.Columns.Count)
        {
            return catalog;
        }

        return [.. Enumerable.Range(1, lastNumber + message.Columns.Count).Select(number => known.TryGetValue(number, out var column)
            ? new CatalogAttribute(number, column.Name, column.TypeOid, column.TypeModifier, IsDropped: false, IsGenerated: false, Changed: 0)
            : new CatalogAttribute(number, "", TypeOid: 0, TypeModifier: 0, IsDropped: true, IsGenerated: false, Changed: 0))];
    }

    /// <summary>cost[i, j]: the cheapest way to give the first i columns numbers among the first j attributes.</summary>
    private List<int> Solve()
    {
        var columns = _message.Columns.Count;
        var cost = new int[columns + 1, _attributes.Count + 1];
        for (var i = 0; i <= columns; i++)
        {
            for (var j = 0; j <= _attributes.Count; j++)
            {
                cost[i, j] = (i, j) switch
                {
                    (0, 0) => 0,
                    (_, 0) => Impossible,
                    _ => Math.Min(cost[i, j - 1] + WithoutColumn(_attributes[j - 1], i), i == 0 ? Impossible : cost[i - 1, j - 1] + WithColumn(_attributes[j - 1], _message.Columns[i - 1])),
                };
            }
        }

        return Trace(cost);
    }

    private List<int> Trace(int[,] cost)
    {
        var numbers = new List<int>();
        var i = _message.Columns.Count;
        for (var j = _attributes.Count; j > 0 && i > 0; j--)
        {
            var attribute = _attributes[j - 1];
            if (cost[i, j] < cost[i, j - 1] + WithoutColumn(attribute, i))
            {
                numbers.Add(attribute.Number);
                i--;
            }
        }

        numbers.Reverse();
        return numbers.Count == _message.Columns.Count
            ? numbers
            : throw new Shared.PhilotesException("PH900", $"The columns of {_message.Name} could not be numbered. Report this.");
    }

    /// <summary>What must have happened if the attribute is this column of the message.</summary>
    private int WithColumn(CatalogAttribute attribute, RelationColumn column)
    {
        var wasThere = _last.TryGetValue(attribute.Number, out var before);
        var steps = wasThere ? Differences(before!.Name, before.TypeOid, before.TypeModifier, column) : IsFirst ? 0 : 1;
        var isUnchanged = LiesBefore(attribute);
        if (attribute.IsDropped)
        {
            return ((steps + 1) * Step) + (isUnchanged ? Contradiction : 0);
        }

        var since = Differences(attribute.Name, attribute.TypeOid, attribute.TypeModifier, column);
        return ((steps + since) * Step) + ((isUnchanged, since) switch
        {
            (true, > 0) => Contradiction,
            (false, 0) => wasThere || IsFirst ? Doubt : Step,
            _ => 0,
        });
    }

    /// <summary>What must have happened if the attribute is none of the message's columns, <paramref name="columnsBelow"/> of which have lower numbers.</summary>
    private int WithoutColumn(CatalogAttribute attribute, int columnsBelow)
    {
        var wasThere = _last.ContainsKey(attribute.Number);
        if (attribute.IsDropped)
        {
            return WithoutDropped(attribute, wasThere, columnsBelow);
        }

        if (attribute.IsGenerated || (!wasThere && !IsFirst && attribute.Number <= _lastNumber))
        {
            return 0;
        }

        // What existed and was not sent is hidden by a column list.
        var canBeLater = !wasThere && columnsBelow == _message.Columns.Count && !LiesBefore(attribute);
        return canBeLater ? Step : Hidden;
    }

    /// <summary>Numbers only grow: with a higher one in the message, or this one in the last version, the column existed then, and was dropped before.</summary>
    private int WithoutDropped(CatalogAttribute attribute, bool wasThere, int columnsBelow)
    {
        if (!LiesBefore(attribute) && (wasThere || columnsBelow < _message.Columns.Count))
        {
            return Contradiction;
        }

        return wasThere ? Step : attribute.Number > _lastNumber ? 2 * Step : 0;
    }

    private bool IsFirst => _lastNumber == int.MaxValue;

    private static int Differences(string name, uint typeOid, int modifier, RelationColumn column) =>
        (name == column.Name ? 0 : 1) + (typeOid == 0 || (typeOid == column.TypeOid && modifier == column.TypeModifier) ? 0 : 1);

    /// <summary>Transaction ids wrap around: of two, the younger is the one less than half the circle ahead.</summary>
    private bool LiesBefore(CatalogAttribute attribute) => (int)(attribute.Changed - _xid) <= 0;
}

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
/// order-preserving choice among the attributes. The catalog says of each attribute which transaction made it what it is, or dropped it: what
/// a transaction not younger than the message's did lies before the message, the rest after it. Of the message's own transaction it says after which of
/// its commands; there each place between its changes is tried, from the first on. The choice is taken that agrees with this and needs the fewest
/// changes that the catalog does not show any more. What can be decided wrongly is which lake column a value goes to, and only where the
/// catalog forgot (docs/adr/0007); never a name, a type or a value.
/// </summary>
internal sealed class ColumnNumbering
{
    /// <summary>One change that the catalog does not show: renamed or retyped more than once, added by a row that changed again.</summary>
    private const int Step = 4;

    /// <summary>A column that is there and is not sent: the publication has a column list.</summary>
    private const int Hidden = 3 * Step;

    /// <summary>Transaction ids say otherwise. They follow the log but where a transaction took its id long before it came to this table.</summary>
    private const int Contradiction = 10 * Step;

    /// <summary>The catalog's row is younger than the message and yet the same: something was changed that a message does not show.</summary>
    private const int Doubt = 1;

    private const int Impossible = int.MaxValue / 4;
    private const int PlacesMax = 32;

    private readonly RelationMessage _message;
    private readonly IReadOnlyList<CatalogAttribute> _attributes;
    private readonly Dictionary<int, RelationColumn> _last;
    private readonly int _lastNumber;
    private readonly uint _xid;
    private uint _command;

    private ColumnNumbering(
        RelationMessage message, IReadOnlyList<CatalogAttribute> attributes, Dictionary<int, RelationColumn> last, int lastNumber, uint xid)
    {
        _message = message;
        _attributes = attributes;
        _last = last;
        _lastNumber = lastNumber;
        _xid = xid;
    }

    private bool IsFirst => _lastNumber == int.MaxValue;

    /// <summary>One number per column of the message, increasing, and the command of the transaction that the message lies before. Pure.</summary>
    /// <param name="catalog">All attributes with a number above 0, in order; empty when the table is gone.</param>
    /// <param name="last">The version before; null for the first.</param>
    public static (IReadOnlyList<int> Numbers, uint Command) Of(
        RelationMessage message, IReadOnlyList<CatalogAttribute> catalog, NumberedRelation? last, StreamMoment moment)
    {
        var known = last?.ByNumber() ?? [];
        var lastNumber = last is null ? 0 : Math.Max(known.Keys.DefaultIfEmpty().Max(), last.Dropped.DefaultIfEmpty().Max());
        var numbering = new ColumnNumbering(message, Completed(message, catalog, known, lastNumber), known, last is null ? int.MaxValue : lastNumber, moment.Xid);
        (int Cost, IReadOnlyList<int> Numbers, uint Command)? best = null;
        var saysNothingNew = last is not null && last.Columns.SequenceEqual(message.Columns);
        foreach (var command in Places(catalog, moment, saysNothingNew))
        {
            numbering._command = command;
            var cost = numbering.Costs();
            if (best is null || cost[message.Columns.Count, numbering._attributes.Count] < best.Value.Cost)
            {
                best = (cost[message.Columns.Count, numbering._attributes.Count], numbering.Trace(cost), command);
            }
        }

        return (best!.Value.Numbers, best.Value.Command);
    }

    /// <summary>
    /// Where in its own transaction the message can lie, likeliest first: from the front, but a description that is repeated and says nothing new has
    /// a change of the table before it. A first one does not stand before the transaction's very first command, if that is a change of the table.
    /// </summary>
    private static List<uint> Places(IReadOnlyList<CatalogAttribute> catalog, StreamMoment moment, bool saysNothingNew)
    {
        var changes = catalog.Where(attribute => attribute.Changed == moment.Xid && attribute.Command >= moment.Command)
            .Select(attribute => attribute.Command).Distinct().Order().ToList();
        List<uint> places = changes.Count > PlacesMax ? [changes[^1] + 1] : [.. changes.Select(command => command + 1)];
        if (moment.IsRepeated && saysNothingNew)
        {
            places.Add(moment.Command);
        }
        else if (moment.IsRepeated || changes.Count == 0 || changes[0] > 0)
        {
            places.Insert(0, moment.Command);
        }

        return places;
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
            ? new CatalogAttribute(number, column.Name, column.TypeOid, column.TypeModifier, IsDropped: false, IsGenerated: false, Changed: 0, Command: 0)
            : new CatalogAttribute(number, "", TypeOid: 0, TypeModifier: 0, IsDropped: true, IsGenerated: false, Changed: 0, Command: 0))];
    }

    /// <summary>cost[i, j]: the cheapest way to give the first i columns numbers among the first j attributes.</summary>
    private int[,] Costs()
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
                    (0, _) => cost[0, j - 1] + WithoutColumn(_attributes[j - 1], 0),
                    _ => Math.Min(cost[i, j - 1] + WithoutColumn(_attributes[j - 1], i), cost[i - 1, j - 1] + WithColumn(_attributes[j - 1], _message.Columns[i - 1])),
                };
            }
        }

        return cost;
    }

    private List<int> Trace(int[,] cost)
    {
        var numbers = new List<int>();
        var i = _message.Columns.Count;
        for (var j = _attributes.Count; j > 0 && i > 0; j--)
        {
            if (cost[i, j] < cost[i, j - 1] + WithoutColumn(_attributes[j - 1], i))
            {
                numbers.Add(_attributes[j - 1].Number);
                i--;
            }
        }

        numbers.Reverse();
        return numbers.Count == _message.Columns.Count
            ? numbers
            : throw new Shared.PhilotesException("PH900", $"The columns of {_message.Name} could not be numbered. Report this.");
    }

    /// <summary>What else must have happened if the attribute is this column of the message.</summary>
    private int WithColumn(CatalogAttribute attribute, RelationColumn column)
    {
        var isOld = LiesBefore(attribute);
        var before = _last.TryGetValue(attribute.Number, out var was)
            ? Differences(was.Name, was.TypeOid, was.TypeModifier, column) * Step
            : IsFirst || (isOld && !attribute.IsDropped) ? 0 : Step;
        if (attribute.IsDropped)
        {
            return before + (isOld ? Contradiction : 0);
        }

        var since = Differences(attribute.Name, attribute.TypeOid, attribute.TypeModifier, column);
        return before + ((isOld, since) switch
        {
            (true, 0) => 0,
            (_, > 0) when isOld || attribute.IsGenerated => Contradiction,
            (false, 0) => Doubt,
            (false, 1) => 0,
            _ => Step,
        });
    }

    /// <summary>
    /// What else must have happened if the attribute is none of the message's columns, <paramref name="columnsBelow"/> of which have lower numbers. With a higher one
    /// among them, or in the last version itself, it existed then.
    /// </summary>
    private int WithoutColumn(CatalogAttribute attribute, int columnsBelow)
    {
        var wasThere = _last.ContainsKey(attribute.Number);
        var existed = wasThere || columnsBelow < _message.Columns.Count;
        if (attribute.IsDropped)
        {
            return existed && !LiesBefore(attribute) ? Contradiction : 0;
        }

        var wasHidden = !wasThere && !IsFirst && attribute.Number <= _lastNumber;
        return attribute.IsGenerated || wasHidden || (!existed && !LiesBefore(attribute)) ? 0 : Hidden;
    }

    private static int Differences(string name, uint typeOid, int modifier, RelationColumn column) =>
        (name == column.Name ? 0 : 1) + (typeOid == 0 || (typeOid == column.TypeOid && modifier == column.TypeModifier) ? 0 : 1);

    /// <summary>Transaction ids wrap around: of two, the younger is the one less than half the circle ahead.</summary>
    private bool LiesBefore(CatalogAttribute attribute) =>
        attribute.Changed == _xid ? attribute.Command < _command : (int)(attribute.Changed - _xid) < 0;
}

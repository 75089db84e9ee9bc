using Philotes.Capture.Decoding;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Source;

/// <summary>A table's columns as Postgres keeps them while it is altered: numbers only grow, a dropped column leaves its row behind.</summary>
internal sealed class AlteredTable
{
    private readonly List<CatalogAttribute> _attributes = [];

    /// <summary>The last transaction. Every change is one of its own unless it is told another.</summary>
    public uint Xid { get; set; } = 700;

    public IReadOnlyList<CatalogAttribute> Catalog => [.. _attributes];

    public IReadOnlyList<CatalogAttribute> Live => [.. _attributes.Where(attribute => !attribute.IsDropped)];

    public void Add(string name, uint type) =>
        _attributes.Add(new CatalogAttribute(_attributes.Count + 1, name, type, TypeModifier: -1, IsDropped: false, IsGenerated: false, ++Xid, Command: 0));

    public void Drop(int number) => Change(number, column => column with { Name = $"........pg.dropped.{number}........", TypeOid = 0, IsDropped = true });

    public void Rename(int number, string name) => Change(number, column => column with { Name = name });

    public void Retype(int number, uint type) => Change(number, column => column with { TypeOid = type });

    /// <summary>What the stream tells about the table now.</summary>
    public RelationMessage Message(params int[] unpublished) => new(
        16_400, new TableName("public", "t"), 'd',
        [.. Live.Where(column => !unpublished.Contains(column.Number)).Select(column => new RelationColumn(column.Name, IsKey: false, column.TypeOid, column.TypeModifier))], []);

    public static NumberedRelation Version(RelationMessage message, IReadOnlyList<int> numbers, IReadOnlyList<int>? dropped = null) =>
        new(message.Columns, numbers, [.. message.Columns.Select(column => $"type {column.TypeOid}")], dropped ?? []);

    private void Change(int number, Func<CatalogAttribute, CatalogAttribute> how) =>
        _attributes[number - 1] = how(_attributes[number - 1]) with { Changed = ++Xid };
}

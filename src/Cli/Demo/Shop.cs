using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>The demo's tables: about a dozen types, an append-only table without a key, and names that SQL must quote.</summary>
static class Shop
{
    public const string Schema = "shop";

    public static readonly ShopTable Customers = new(new TableName(Schema, "customers"), KeyCount: 1,
    [
        new("id", "bigint"), new("name", "text"), new("e-mail", "varchar(80)"), new("segment", "shop.segment"), new("balance", "numeric(12,2)"),
        new("active", "boolean"), new("born", "date"), new("joined", "timestamptz"), new("picture", "bytea"), new("preferences", "jsonb"),
    ]);

    public static readonly ShopTable Orders = new(new TableName(Schema, "orders"), KeyCount: 1,
    [
        new("id", "uuid"), new("customer_id", "bigint"), new("placed", "timestamptz"), new("local_time", "timestamp"), new("total", "numeric(14,2)"),
        new("rating", "real"), new("note", "text"),
    ]);

    public static readonly ShopTable OrderLines = new(new TableName(Schema, "order_lines"), KeyCount: 2,
    [
        new("order_id", "uuid"), new("line", "smallint"), new("sku", "varchar(20)"), new("quantity", "integer"), new("price", "numeric(10,4)"),
        new("weight", "double precision"), new("sizes", "integer[]"),
    ]);

    public static readonly ShopTable Events = new(new TableName(Schema, "events"), KeyCount: 0,
    [
        new("at", "timestamptz"), new("kind", "text"), new("user agent", "text"), new("client", "inet"), new("at_time", "time"), new("payload", "json"),
    ]);

    public static readonly ShopTable GiftCards = new(new TableName(Schema, "Gift \"Cards\""), KeyCount: 1,
    [
        new("Card No", "text"), new("select", "integer"), new("amount (€)", "numeric(8,2)"),
    ]);

    public static readonly IReadOnlyList<ShopTable> Tables = [Customers, Orders, OrderLines, Events, GiftCards];

    public static IEnumerable<string> CreateSql =>
    [
        "create schema shop",
        "create type shop.segment as enum ('private', 'business', 'it''s complicated')",
        .. Tables.Select(table => table.CreateSql),
    ];
}

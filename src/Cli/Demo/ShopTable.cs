using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>A table of the demo's shop. The first <paramref name="KeyCount"/> columns are its primary key; 0 means that it has none.</summary>
sealed record ShopTable(TableName Name, int KeyCount, IReadOnlyList<ShopColumn> Columns)
{
    public string Sql => $"{Identifiers.Quote(Name.Schema)}.{Identifiers.Quote(Name.Table)}";

    public string CreateSql
    {
        get
        {
            var columns = Columns.Select(column => $"{Identifiers.Quote(column.Name)} {column.Type}");
            var key = KeyCount > 0 ? $", primary key ({string.Join(", ", KeyNames)})" : "";
            return $"create table {Sql} ({string.Join(", ", columns)}{key})";
        }
    }

    /// <summary>Values are sent as text and cast by the server, so that what is written is what was recorded.</summary>
    public string InsertSql => $"insert into {Sql} values ({string.Join(", ", Columns.Select((column, i) => Cast(column, i + 1)))})";

    /// <summary>Parameters: every new value, then the old key.</summary>
    public string UpdateSql =>
        $"update {Sql} set {string.Join(", ", Columns.Select((column, i) => $"{Identifiers.Quote(column.Name)} = {Cast(column, i + 1)}"))} where {KeyIs(Columns.Count + 1)}";

    public string DeleteSql => $"delete from {Sql} where {KeyIs(1)}";

    public string CopySql => $"copy {Sql} from stdin";

    IEnumerable<string> KeyNames => Columns.Take(KeyCount).Select(column => Identifiers.Quote(column.Name));

    string KeyIs(int parameter) =>
        string.Join(" and ", Columns.Take(KeyCount).Select((column, i) => $"{Identifiers.Quote(column.Name)} = {Cast(column, parameter + i)}"));

    static string Cast(ShopColumn column, int parameter) => $"cast(${parameter} as {column.Type})";
}

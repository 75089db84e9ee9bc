using Spectre.Console;

namespace Philotes.Cli;

/// <summary>How rows of one kind are shown: as a table, or as one JSON document <c>{"apiVersion", "kind", "items": [...]}</c>.</summary>
sealed class Listing<T>(string kind, string whenEmpty, params Field<T>[] fields) : IListing
{
    public string Kind => kind;

    public IEnumerable<(string Member, string Meaning)> Members => fields.Select(f => (f.Member, f.Meaning));

    public void WriteTable(TextWriter output, IReadOnlyList<T> rows)
    {
        if (rows.Count == 0)
        {
            output.WriteLine(whenEmpty);
            return;
        }
        var shown = fields.Where(field => field.Header is not null).ToList();
        var table = new Table().Border(TableBorder.None);
        foreach (var field in shown)
        {
            var column = new TableColumn(Markup.Escape(field.Header!)).NoWrap();
            table.AddColumn(field.RightAligned ? column.RightAligned() : column);
        }
        foreach (var row in rows)
            table.AddRow([.. shown.Select(field => Markup.Escape(field.Show(row)))]);
        Consoles.Of(output).Write(table);
    }

    /// <summary>One thing, a line a member.</summary>
    public void WriteDetails(TextWriter output, T row)
    {
        var shown = fields.Where(field => field.Header is not null && field.Value(row) is not null).ToList();
        var width = shown.Max(field => field.Header!.Length);
        foreach (var field in shown)
            output.WriteLine($"{field.Header!.PadRight(width)}  {field.Show(row)}".TrimEnd());
    }

    public void WriteJson(TextWriter output, IEnumerable<T> rows) => JsonText.WriteDocument(output, kind, json =>
    {
        json.WriteStartArray("items");
        foreach (var row in rows)
            WriteItem(json, row);
        json.WriteEndArray();
    });

    /// <summary>The same document for one row, on one line: a stream of them is JSON lines.</summary>
    public void WriteJsonLine(TextWriter output, T row) => JsonText.WriteLine(output, kind, json =>
    {
        json.WritePropertyName("item");
        WriteItem(json, row);
    });

    void WriteItem(System.Text.Json.Utf8JsonWriter json, T row)
    {
        json.WriteStartObject();
        foreach (var field in fields)
        {
            json.WritePropertyName(field.Member);
            JsonText.WriteValue(json, field.Value(row));
        }
        json.WriteEndObject();
    }
}

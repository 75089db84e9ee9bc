using Spectre.Console;

namespace Philotes.Cli;

/// <summary>How rows of one kind are shown: as a table, as one JSON document <c>{"apiVersion", "kind", "items": [...]}</c>, as the same in YAML, or as CSV.</summary>
sealed class Listing<T>(string kind, string whenEmpty, params Field<T>[] fields) : IListing
{
    public string Kind => kind;

    public IEnumerable<(string Member, string Meaning)> Members => fields.Select(f => (f.Member, f.Meaning));

    /// <param name="table">How a person reads them, where that is no plain table.</param>
    public void Write(TextWriter output, OutputFormat format, IReadOnlyList<T> rows, Action<TextWriter>? table = null)
    {
        switch (format)
        {
            case OutputFormat.Json:
                JsonText.WriteDocument(output, kind, json => WriteItems(json, rows));
                break;
            case OutputFormat.Yaml:
                YamlText.Write(output, JsonText.Document(kind, json => WriteItems(json, rows)));
                break;
            case OutputFormat.Csv:
                CsvText.WriteHeader(output, fields.Select(field => field.Member));
                foreach (var row in rows)
                    CsvText.WriteRow(output, Document(row).GetProperty("item"));
                break;
            default:
                if (table is null)
                    WriteTable(output, rows);
                else
                    table(output);
                break;
        }
    }

    /// <summary>One of a stream: a JSON line, a YAML document, or a row of CSV, before the first of which stands the header.</summary>
    public void WriteOne(TextWriter output, OutputFormat format, T row, bool isFirst)
    {
        switch (format)
        {
            case OutputFormat.Yaml:
                YamlText.Write(output, Document(row));
                break;
            case OutputFormat.Csv:
                if (isFirst)
                    CsvText.WriteHeader(output, fields.Select(field => field.Member));
                CsvText.WriteRow(output, Document(row).GetProperty("item"));
                break;
            default:
                JsonText.WriteLine(output, kind, json => WriteItem(json, "item", row));
                break;
        }
    }

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
            table.AddRow([.. shown.Select(field => Consoles.Cell(field.Show(row)))]);
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

    System.Text.Json.JsonElement Document(T row) => JsonText.Document(kind, json => WriteItem(json, "item", row));

    void WriteItems(System.Text.Json.Utf8JsonWriter json, IEnumerable<T> rows)
    {
        json.WriteStartArray("items");
        foreach (var row in rows)
            WriteItem(json, name: null, row);
        json.WriteEndArray();
    }

    void WriteItem(System.Text.Json.Utf8JsonWriter json, string? name, T row)
    {
        if (name is not null)
            json.WritePropertyName(name);
        json.WriteStartObject();
        foreach (var field in fields)
        {
            json.WritePropertyName(field.Member);
            JsonText.WriteValue(json, field.Value(row));
        }
        json.WriteEndObject();
    }
}

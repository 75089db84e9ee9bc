using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>Gives a schema new field ids, in the reference implementation's order, and remembers which id became which.</summary>
internal sealed class FreshIds
{
    readonly Dictionary<long, long> _newIds = [];
    long _last;

    public JsonObject Give(JsonObject schema)
    {
        var fresh = schema.DeepClone().AsObject();
        Walk(fresh);
        fresh["identifier-field-ids"] = NewOnes(fresh, "identifier-field-ids");
        return fresh;
    }

    /// <summary>A spec or sort order whose source columns are the schema's new ids; null is one without fields.</summary>
    public JsonObject Rewrite(JsonObject? specOrOrder)
    {
        var rewritten = specOrOrder?.DeepClone().AsObject() ?? [];
        foreach (var field in rewritten.Objects("fields"))
        {
            if (field["source-ids"] is JsonArray)
                field["source-ids"] = NewOnes(field, "source-ids");
            if (field["source-id"] is not null)
                field["source-id"] = New(field.Whole("source-id"));
        }

        rewritten.List("fields");
        return rewritten;
    }

    JsonArray NewOnes(JsonObject o, string list) => new([.. o.Wholes(list).Select(id => (JsonNode?)New(id))]);

    long New(long old) => _newIds.TryGetValue(old, out var id) ? id : throw CatalogException.BadRequest($"Cannot find source column: field {old}");

    void Walk(JsonNode? type)
    {
        if (type is not JsonObject o)
            return;
        if (o["element-id"] is not null)
        {
            Take(o, "element-id");
            Walk(o["element"]);
        }
        else if (o["key-id"] is not null)
        {
            Take(o, "key-id");
            Take(o, "value-id");
            Walk(o["key"]);
            Walk(o["value"]);
        }
        else
        {
            var fields = o.Objects("fields").ToList();
            fields.ForEach(f => Take(f, "id"));
            fields.ForEach(f => Walk(f["type"]));
        }
    }

    void Take(JsonObject o, string idField)
    {
        if (!_newIds.TryAdd(o.Whole(idField), ++_last))
            throw CatalogException.BadRequest($"Multiple entries with the same field id: {o.Whole(idField)}");
        o[idField] = _last;
    }
}

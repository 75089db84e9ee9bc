using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>Schemas of a table: a schema equal to an existing one keeps that one's id, ids are never given twice.</summary>
internal static class SchemaUpdates
{
    public const long LastAdded = -1;

    public static void Add(TableDraft draft, JsonObject update)
    {
        var document = draft.Document;
        var schema = update.Part("schema").DeepClone().AsObject();
        SchemaFields.Require(schema, draft.FormatVersion);
        var lastColumnId = Math.Max(document.OptionalWhole("last-column-id") ?? 0, SchemaFields.HighestId(schema));
        if (document.Objects("schemas").FirstOrDefault(s => SchemaFields.Same(s, schema)) is { } same)
        {
            draft.LastAddedSchemaId = same.Whole("schema-id");
        }
        else
        {
            draft.LastAddedSchemaId = document.Objects("schemas").Select(s => s.Whole("schema-id") + 1).Append(0).Max();
            schema["schema-id"] = draft.LastAddedSchemaId;
            document.List("schemas").Add(schema);
        }

        document["last-column-id"] = lastColumnId;
    }

    public static void SetCurrent(TableDraft draft, JsonObject update)
    {
        var id = update.Whole("schema-id");
        if (id == LastAdded)
            id = draft.LastAddedSchemaId ?? throw CatalogException.BadRequest("Cannot set last added schema: no schema has been added");
        if (draft.Document.Find("schemas", "schema-id", id) is null)
            throw CatalogException.BadRequest($"Cannot set current schema to unknown schema: {id}");
        draft.Document["current-schema-id"] = id;
    }

    public static void Remove(TableDraft draft, JsonObject update)
    {
        var ids = update.Wholes("schema-ids").ToHashSet();
        if (ids.Contains(draft.Document.Whole("current-schema-id")))
            throw CatalogException.BadRequest("Cannot remove the current schema");
        draft.Document.RemoveWhere("schemas", s => ids.Contains(s.Whole("schema-id")));
    }
}

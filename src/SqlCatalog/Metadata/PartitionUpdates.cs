using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>Partition specs: equal specs share an id, equal fields share a field id, ids grow from 1000 and are never given twice.</summary>
internal static class PartitionUpdates
{
    public const long FieldIdBeforeFirst = 999;

    public static void AddSpec(TableDraft draft, JsonObject update)
    {
        var document = draft.Document;
        var spec = update.Part("spec").DeepClone().AsObject();
        RequireSources(draft, spec);
        if (document.Objects("partition-specs").FirstOrDefault(s => Same(s, spec)) is { } same)
        {
            draft.LastAddedSpecId = same.Whole("spec-id");
            return;
        }

        GiveFieldIds(document, spec);
        draft.LastAddedSpecId = document.Objects("partition-specs").Select(s => s.Whole("spec-id") + 1).Append(0).Max();
        spec["spec-id"] = draft.LastAddedSpecId;
        document.List("partition-specs").Add(spec);
    }

    public static void SetDefaultSpec(TableDraft draft, JsonObject update)
    {
        var id = update.Whole("spec-id");
        if (id == SchemaUpdates.LastAdded)
            id = draft.LastAddedSpecId ?? throw CatalogException.BadRequest("Cannot set last added spec: no spec has been added");
        if (draft.Document.Find("partition-specs", "spec-id", id) is null)
            throw CatalogException.BadRequest($"Cannot set default partition spec to unknown spec: {id}");
        draft.Document["default-spec-id"] = id;
    }

    public static void RemoveSpecs(TableDraft draft, JsonObject update)
    {
        var ids = update.Wholes("spec-ids").ToHashSet();
        if (ids.Contains(draft.Document.Whole("default-spec-id")))
            throw CatalogException.BadRequest("Cannot remove the default partition spec");
        draft.Document.RemoveWhere("partition-specs", s => ids.Contains(s.Whole("spec-id")));
    }

    /// <summary>The default spec and sort order must have all their columns in the current schema.</summary>
    public static void RequireSources(TableDraft draft)
    {
        var document = draft.Document;
        RequireSources(draft, Default(document, "partition-specs", "spec-id", "default-spec-id"));
        RequireSources(draft, Default(document, "sort-orders", "order-id", "default-sort-order-id"));
    }

    public static void RequireSources(TableDraft draft, JsonObject specOrOrder)
    {
        var ids = SchemaFields.All(draft.CurrentSchema).Select(f => f.Id).ToHashSet();
        foreach (var field in specOrOrder.Objects("fields").Where(f => f.Text("transform") != "void"))
        {
            if (Sources(field).Any(id => !ids.Contains(id)))
                throw CatalogException.BadRequest($"Cannot find source column for partition or sort field: {field.ToJsonString()}");
        }
    }

    public static IEnumerable<long> Sources(JsonObject field) =>
        field["source-ids"] is JsonArray ? field.Wholes("source-ids") : [field.Whole("source-id")];

    static void GiveFieldIds(JsonObject document, JsonObject spec)
    {
        var last = document.OptionalWhole("last-partition-id") ?? FieldIdBeforeFirst;
        var known = document.Objects("partition-specs").SelectMany(s => s.Objects("fields")).ToList();
        foreach (var field in spec.Objects("fields").Where(f => f.OptionalWhole("field-id") is null))
            field["field-id"] = known.FirstOrDefault(k => SameField(k, field, withName: false))?.OptionalWhole("field-id") ?? ++last;
        document["last-partition-id"] = spec.Objects("fields").Select(f => f.Whole("field-id")).Append(last).Max();
    }

    static JsonObject Default(JsonObject document, string list, string idField, string defaultField) =>
        document.Find(list, idField, document.Whole(defaultField))
        ?? throw CatalogException.BadRequest($"{defaultField} {document.Whole(defaultField)} is not among the {list}.");

    static bool Same(JsonObject left, JsonObject right)
    {
        var (l, r) = (left.Objects("fields").ToList(), right.Objects("fields").ToList());
        return l.Count == r.Count && l.Zip(r).All(p => SameField(p.First, p.Second, withName: true));
    }

    static bool SameField(JsonObject left, JsonObject right, bool withName) =>
        Sources(left).SequenceEqual(Sources(right))
        && left.Text("transform") == right.Text("transform")
        && (!withName || left.Text("name") == right.Text("name"));
}

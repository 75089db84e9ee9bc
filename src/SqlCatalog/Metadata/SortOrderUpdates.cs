using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>Sort orders: 0 is the unsorted one, always; equal orders share an id.</summary>
internal static class SortOrderUpdates
{
    public static void Add(TableDraft draft, JsonObject update)
    {
        var document = draft.Document;
        var order = update.Part("sort-order").DeepClone().AsObject();
        PartitionUpdates.RequireSources(draft, order);
        if (document.Objects("sort-orders").FirstOrDefault(o => JsonNode.DeepEquals(o.List("fields"), order.List("fields"))) is { } same)
        {
            draft.LastAddedSortOrderId = same.Whole("order-id");
            return;
        }

        var isUnsorted = order.List("fields").Count == 0;
        draft.LastAddedSortOrderId = isUnsorted ? 0 : document.Objects("sort-orders").Select(o => o.Whole("order-id") + 1).Append(1).Max();
        order["order-id"] = draft.LastAddedSortOrderId;
        document.List("sort-orders").Add(order);
    }

    public static void SetDefault(TableDraft draft, JsonObject update)
    {
        var id = update.OptionalWhole("sort-order-id") ?? update.Whole("order-id");
        if (id == SchemaUpdates.LastAdded)
            id = draft.LastAddedSortOrderId ?? throw CatalogException.BadRequest("Cannot set last added sort order: no sort order has been added");
        if (draft.Document.Find("sort-orders", "order-id", id) is null)
            throw CatalogException.BadRequest($"Cannot set default sort order to unknown order: {id}");
        draft.Document["default-sort-order-id"] = id;
    }
}

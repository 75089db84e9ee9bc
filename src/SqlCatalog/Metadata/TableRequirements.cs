using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// What a commit asserts about the table it was built on ("REST catalog specification, TableRequirement"). The texts begin
/// as the reference implementation's do: its clients and its compatibility kit compare them.
/// </summary>
internal static class TableRequirements
{
    /// <summary>Throws a conflict when the requirement does not hold. <paramref name="document"/> is null when there is no table.</summary>
    public static void Check(JsonObject? document, JsonObject requirement)
    {
        var type = requirement.Text("type");
        if (type == "assert-create")
        {
            Require(document is null, "table already exists");
            return;
        }

        if (document is null)
            throw CatalogException.CommitFailed("Requirement failed: table does not exist");
        switch (type)
        {
            case "assert-table-uuid":
                var (expected, uuid) = (requirement.Text("uuid"), document.OptionalText("table-uuid"));
                Require(string.Equals(expected, uuid, StringComparison.OrdinalIgnoreCase), $"UUID does not match: expected {uuid} != {expected}");
                break;
            case "assert-ref-snapshot-id":
                CheckRef(document, requirement);
                break;
            default:
                CheckNumber(document, requirement, type);
                break;
        }
    }

    static void CheckRef(JsonObject document, JsonObject requirement)
    {
        var (name, expected) = (requirement.Text("ref"), requirement.OptionalWhole("snapshot-id"));
        var reference = document.OptionalPart("refs")?.OptionalPart(name);
        if (reference is null)
        {
            Require(expected is null, $"branch or tag {name} is missing, expected {expected}");
            return;
        }

        var (kind, actual) = (reference.Text("type"), reference.Whole("snapshot-id"));
        Require(expected is not null, $"{kind} {name} was created concurrently");
        Require(expected == actual, $"{kind} {name} has changed: expected id {expected} != {actual}");
    }

    static void CheckNumber(JsonObject document, JsonObject requirement, string type)
    {
        var (subject, asserted, field) = type switch
        {
            "assert-last-assigned-field-id" => ("last assigned field id", "last-assigned-field-id", "last-column-id"),
            "assert-current-schema-id" => ("current schema", "current-schema-id", "current-schema-id"),
            "assert-last-assigned-partition-id" => ("last assigned partition id", "last-assigned-partition-id", "last-partition-id"),
            "assert-default-spec-id" => ("default partition spec", "default-spec-id", "default-spec-id"),
            "assert-default-sort-order-id" => ("default sort order", "default-sort-order-id", "default-sort-order-id"),
            _ => throw CatalogException.BadRequest($"Unknown requirement: {type}"),
        };
        var (expected, actual) = (requirement.Whole(asserted), document.OptionalWhole(field));
        Require(expected == actual, $"{subject} changed: expected id {expected} != {actual}");
    }

    static void Require(bool holds, string what)
    {
        if (!holds)
            throw CatalogException.CommitFailed($"Requirement failed: {what}");
    }
}

using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// What must be true of the table at the moment of a commit (REST catalog specification, TableRequirement). One false requirement and the catalog
/// changes nothing.
/// </summary>
public abstract record TableRequirement
{
    TableRequirement()
    {
    }

    /// <summary>The table does not exist yet; the only requirement allowed in a commit that creates one.</summary>
    public sealed record AssertCreate : TableRequirement;

    public sealed record AssertTableUuid(Guid Uuid) : TableRequirement;

    /// <param name="SnapshotId">Null: the reference must not exist. Never -1.</param>
    public sealed record AssertRefSnapshotId(string Ref, long? SnapshotId) : TableRequirement;

    public sealed record AssertLastAssignedFieldId(int FieldId) : TableRequirement;

    public sealed record AssertCurrentSchemaId(int SchemaId) : TableRequirement;

    public sealed record AssertLastAssignedPartitionId(int PartitionId) : TableRequirement;

    public sealed record AssertDefaultSpecId(int SpecId) : TableRequirement;

    public sealed record AssertDefaultSortOrderId(int SortOrderId) : TableRequirement;

    /// <summary>This very table, at this very head of main, under this schema: what every commit of data asserts.</summary>
    public static IReadOnlyList<TableRequirement> UnchangedHead(TableMetadata table) =>
    [
        new AssertTableUuid(table.TableUuid),
        new AssertRefSnapshotId(SnapshotRef.Main, table.CurrentSnapshotId),
        new AssertCurrentSchemaId(table.CurrentSchemaId),
    ];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteFields(json);
        json.WriteEndObject();
    }

    void WriteFields(Utf8JsonWriter json)
    {
        switch (this)
        {
            case AssertCreate:
                json.WriteString("type", "assert-create");
                break;
            case AssertTableUuid assert:
                json.WriteString("type", "assert-table-uuid");
                json.WriteString("uuid", assert.Uuid);
                break;
            case AssertRefSnapshotId assert:
                WriteRef(json, assert);
                break;
            case AssertLastAssignedFieldId assert:
                WriteNumber(json, "last-assigned-field-id", assert.FieldId);
                break;
            case AssertCurrentSchemaId assert:
                WriteNumber(json, "current-schema-id", assert.SchemaId);
                break;
            case AssertLastAssignedPartitionId assert:
                WriteNumber(json, "last-assigned-partition-id", assert.PartitionId);
                break;
            case AssertDefaultSpecId assert:
                WriteNumber(json, "default-spec-id", assert.SpecId);
                break;
            case AssertDefaultSortOrderId assert:
                WriteNumber(json, "default-sort-order-id", assert.SortOrderId);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static void WriteRef(Utf8JsonWriter json, AssertRefSnapshotId assert)
    {
        json.WriteString("type", "assert-ref-snapshot-id");
        json.WriteString("ref", assert.Ref);
        if (assert.SnapshotId is { } id)
        {
            json.WriteNumber("snapshot-id", id);
        }
        else
        {
            json.WriteNull("snapshot-id");
        }
    }

    static void WriteNumber(Utf8JsonWriter json, string name, int value)
    {
        json.WriteString("type", "assert-" + name);
        json.WriteNumber(name, value);
    }
}

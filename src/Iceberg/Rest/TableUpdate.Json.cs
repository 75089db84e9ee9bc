using System.Diagnostics;
using System.Text.Json;

namespace Philotes.Iceberg.Rest;

// How each update is written: "action" first, then its fields, by the names of the REST catalog specification.
public abstract partial record TableUpdate
{
    string Action => this switch
    {
        AssignUuid => "assign-uuid",
        UpgradeFormatVersion => "upgrade-format-version",
        AddSchema => "add-schema",
        SetCurrentSchema => "set-current-schema",
        AddSpec => "add-spec",
        SetDefaultSpec => "set-default-spec",
        AddSortOrder => "add-sort-order",
        SetDefaultSortOrder => "set-default-sort-order",
        AddSnapshot => "add-snapshot",
        SetSnapshotRef => "set-snapshot-ref",
        RemoveSnapshots => "remove-snapshots",
        RemoveSnapshotRef => "remove-snapshot-ref",
        SetLocation => "set-location",
        SetProperties => "set-properties",
        RemoveProperties => "remove-properties",
        RemovePartitionSpecs => "remove-partition-specs",
        RemoveSchemas => "remove-schemas",
        _ => throw new UnreachableException(),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("action", Action);
        WriteFields(json);
        json.WriteEndObject();
    }

    void WriteFields(Utf8JsonWriter json)
    {
        switch (this)
        {
            case AddSchema or AddSpec or AddSortOrder or AddSnapshot:
                WriteDefinition(json);
                break;
            case SetSnapshotRef update:
                json.WriteString("ref-name", update.RefName);
                update.Reference.WriteFields(json);
                break;
            case SetProperties update:
                WriteMap(json, update.Properties);
                break;
            case RemoveSnapshots or RemoveProperties or RemovePartitionSpecs or RemoveSchemas:
                WriteList(json);
                break;
            default:
                WriteValue(json);
                break;
        }
    }

    void WriteDefinition(Utf8JsonWriter json)
    {
        switch (this)
        {
            case AddSchema update:
                json.WritePropertyName("schema");
                update.Schema.Write(json);
                json.WriteNumber("last-column-id", update.LastColumnId);
                break;
            case AddSpec update:
                json.WritePropertyName("spec");
                update.Spec.Write(json);
                break;
            case AddSortOrder update:
                json.WritePropertyName("sort-order");
                update.SortOrder.Write(json);
                break;
            case AddSnapshot update:
                json.WritePropertyName("snapshot");
                update.Snapshot.Write(json);
                break;
        }
    }

    void WriteValue(Utf8JsonWriter json)
    {
        switch (this)
        {
            case AssignUuid update:
                json.WriteString("uuid", update.Uuid);
                break;
            case UpgradeFormatVersion update:
                json.WriteNumber("format-version", update.FormatVersion);
                break;
            case SetCurrentSchema update:
                json.WriteNumber("schema-id", update.SchemaId);
                break;
            case SetDefaultSpec update:
                json.WriteNumber("spec-id", update.SpecId);
                break;
            case SetDefaultSortOrder update:
                json.WriteNumber("sort-order-id", update.SortOrderId);
                break;
            case RemoveSnapshotRef update:
                json.WriteString("ref-name", update.RefName);
                break;
            case SetLocation update:
                json.WriteString("location", update.Location);
                break;
            default:
                throw new UnreachableException();
        }
    }

    void WriteList(Utf8JsonWriter json)
    {
        switch (this)
        {
            case RemoveSnapshots update:
                WriteItems(json, "snapshot-ids", update.SnapshotIds, json.WriteNumberValue);
                break;
            case RemoveProperties update:
                WriteItems(json, "removals", update.Keys, json.WriteStringValue);
                break;
            case RemovePartitionSpecs update:
                WriteItems(json, "spec-ids", update.SpecIds, json.WriteNumberValue);
                break;
            case RemoveSchemas update:
                WriteItems(json, "schema-ids", update.SchemaIds, json.WriteNumberValue);
                break;
        }
    }

    static void WriteItems<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    static void WriteMap(Utf8JsonWriter json, IReadOnlyDictionary<string, string> properties)
    {
        json.WriteStartObject("updates");
        foreach (var (key, value) in properties)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// The Avro schemas of format version 2 (Iceberg spec, Manifests and Manifest Lists), with every field id, required fields without a
/// union, and the order of the reference implementation. Optional fields are unions of null with default null. Maps by int are arrays
/// of key-value records with logical type <c>map</c>. Rows are given in the order of these texts.
/// </summary>
internal static class ManifestAvro
{
    /// <summary>The entry's schema; <paramref name="partitionFields"/> is the JSON array of record <c>r102</c>.</summary>
    public static string EntrySchema(string partitionFields) => $$"""
        {"type":"record","name":"manifest_entry","fields":[
        {"name":"status","type":"int","field-id":0},
        {"name":"snapshot_id","type":["null","long"],"default":null,"field-id":1},
        {"name":"sequence_number","type":["null","long"],"default":null,"field-id":3},
        {"name":"file_sequence_number","type":["null","long"],"default":null,"field-id":4},
        {"name":"data_file","type":{"type":"record","name":"r2","fields":[
        {"name":"content","type":"int","field-id":134},
        {"name":"file_path","type":"string","field-id":100},
        {"name":"file_format","type":"string","field-id":101},
        {"name":"partition","type":{"type":"record","name":"r102","fields":{{partitionFields}}},"field-id":102},
        {"name":"record_count","type":"long","field-id":103},
        {"name":"file_size_in_bytes","type":"long","field-id":104},
        {"name":"column_sizes","type":["null",{{Map(117, 118, "long")}}],"default":null,"field-id":108},
        {"name":"value_counts","type":["null",{{Map(119, 120, "long")}}],"default":null,"field-id":109},
        {"name":"null_value_counts","type":["null",{{Map(121, 122, "long")}}],"default":null,"field-id":110},
        {"name":"nan_value_counts","type":["null",{{Map(138, 139, "long")}}],"default":null,"field-id":137},
        {"name":"lower_bounds","type":["null",{{Map(126, 127, "bytes")}}],"default":null,"field-id":125},
        {"name":"upper_bounds","type":["null",{{Map(129, 130, "bytes")}}],"default":null,"field-id":128},
        {"name":"key_metadata","type":["null","bytes"],"default":null,"field-id":131},
        {"name":"split_offsets","type":["null",{"type":"array","items":"long","element-id":133}],"default":null,"field-id":132},
        {"name":"equality_ids","type":["null",{"type":"array","items":"int","element-id":136}],"default":null,"field-id":135},
        {"name":"sort_order_id","type":["null","int"],"default":null,"field-id":140},
        {"name":"referenced_data_file","type":["null","string"],"default":null,"field-id":143}
        ]},"field-id":2}
        ]}
        """.ReplaceLineEndings("");

    public static string ListSchema { get; } = """
        {"type":"record","name":"manifest_file","fields":[
        {"name":"manifest_path","type":"string","field-id":500},
        {"name":"manifest_length","type":"long","field-id":501},
        {"name":"partition_spec_id","type":"int","field-id":502},
        {"name":"content","type":"int","field-id":517},
        {"name":"sequence_number","type":"long","field-id":515},
        {"name":"min_sequence_number","type":"long","field-id":516},
        {"name":"added_snapshot_id","type":"long","field-id":503},
        {"name":"added_files_count","type":"int","field-id":504},
        {"name":"existing_files_count","type":"int","field-id":505},
        {"name":"deleted_files_count","type":"int","field-id":506},
        {"name":"added_rows_count","type":"long","field-id":512},
        {"name":"existing_rows_count","type":"long","field-id":513},
        {"name":"deleted_rows_count","type":"long","field-id":514},
        {"name":"partitions","type":["null",{"type":"array","items":{"type":"record","name":"r508","fields":[
        {"name":"contains_null","type":"boolean","field-id":509},
        {"name":"contains_nan","type":["null","boolean"],"default":null,"field-id":518},
        {"name":"lower_bound","type":["null","bytes"],"default":null,"field-id":510},
        {"name":"upper_bound","type":["null","bytes"],"default":null,"field-id":511}
        ]},"element-id":508}],"default":null,"field-id":507},
        {"name":"key_metadata","type":["null","bytes"],"default":null,"field-id":519}
        ]}
        """.ReplaceLineEndings("");

    private static string Map(int keyId, int valueId, string valueType) => $$"""
        {"type":"array","items":{"type":"record","name":"k{{keyId}}_v{{valueId}}","fields":[
        {"name":"key","type":"int","field-id":{{keyId}}},
        {"name":"value","type":"{{valueType}}","field-id":{{valueId}}}]},"logicalType":"map"}
        """;
}

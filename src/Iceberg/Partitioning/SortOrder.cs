using System.Text.Json;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>How rows are sorted within data files. Order id 0 is reserved for no order at all.</summary>
public sealed record SortOrder(int OrderId, IReadOnlyList<SortField> Fields)
{
    public static SortOrder Unsorted { get; } = new(0, []);

    /// <summary>Makes an order of configuration texts such as <c>id desc nulls last</c>; see <see cref="TransformText"/>.</summary>
    public static SortOrder Parse(IReadOnlyList<string> texts, IcebergSchema schema) => TransformText.ParseSortOrder(texts, schema);

    /// <summary>Reads the specification's JSON form.</summary>
    /// <exception cref="IcebergFormatException">The JSON is not a sort order.</exception>
    public static SortOrder Read(JsonElement json) => PartitionJson.ReadSortOrder(json);

    /// <summary>Writes the specification's JSON form.</summary>
    public void Write(Utf8JsonWriter writer) => PartitionJson.WriteSortOrder(writer, this);

    public string ToJson() => PartitionJson.Text(Write);

    public bool Equals(SortOrder? other) => other is not null && OrderId == other.OrderId && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(OrderId, HashCode.Combine);
}

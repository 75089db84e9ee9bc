using System.Text;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// What a manifest list says about the partitions of a manifest. Readers skip a manifest whose summary excludes their filter, so a
/// summary is right or not written: where a field's order is disputed among readers (uuid), there is no summary unless all values are equal.
/// </summary>
internal static class PartitionSummaries
{
    /// <summary>One summary per field of the partition type; null when a field's bounds are not certain, or there is no field.</summary>
    public static IReadOnlyList<FieldSummary>? Of(StructType partitionType, IReadOnlyList<PartitionValues> tuples)
    {
        var certain = partitionType.Fields.Select((field, i) => Of(field.Type, tuples.Select(tuple => tuple[i]))).OfType<FieldSummary>().ToList();
        return certain.Count == 0 || certain.Count < partitionType.Fields.Count ? null : certain;
    }

    private static FieldSummary? Of(IcebergType type, IEnumerable<object?> values)
    {
        var containsNull = false;
        var containsNan = false;
        object? least = null;
        object? greatest = null;
        foreach (var value in values)
        {
            containsNull |= value is null;
            containsNan |= IsNan(value);
            if (value is null || IsNan(value))
            {
                continue;
            }

            least = least is null || Compare(value, least) < 0 ? value : least;
            greatest = greatest is null || Compare(value, greatest) > 0 ? value : greatest;
        }

        return type is UuidType && !Equals(least, greatest)
            ? null
            : new FieldSummary(
                containsNull, type is FloatType or DoubleType ? containsNan : null, Bound(type, least, isLower: true), Bound(type, greatest, isLower: false));
    }

    /// <summary>Zero becomes the zero that is outermost, because readers differ on whether -0.0 is below +0.0.</summary>
    private static byte[]? Bound(IcebergType type, object? value, bool isLower) => value switch
    {
        null => null,
        0.0f => SingleValue.Encode(type, isLower ? -0.0f : 0.0f),
        0.0d => SingleValue.Encode(type, isLower ? -0.0d : 0.0d),
        _ => SingleValue.Encode(type, value),
    };

    private static bool IsNan(object? value) => value is float.NaN or double.NaN;

    private static int Compare(object left, object right) => (left, right) switch
    {
        (string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        _ => Comparer<object>.Default.Compare(left, right),
    };
}

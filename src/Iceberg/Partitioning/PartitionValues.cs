using System.Collections;

namespace Philotes.Iceberg.Partitioning;

/// <summary>
/// A partition tuple: one transformed value per field of its spec, in the spec's order, null where the partition is null.
/// Equality is by value: bytes by content, floating-point numbers by bits with one NaN.
/// </summary>
public sealed class PartitionValues(params IReadOnlyList<object?> values) : IReadOnlyList<object?>, IEquatable<PartitionValues>
{
    public static PartitionValues Empty { get; } = new();

    public int Count => values.Count;

    public object? this[int index] => values[index];

    public bool Equals(PartitionValues? other) => other is not null && Count == other.Count && values.Zip(other).All(pair => Same(pair.First, pair.Second));

    public override bool Equals(object? obj) => Equals(obj as PartitionValues);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in values)
        {
            if (value is byte[] bytes)
            {
                hash.AddBytes(bytes);
            }
            else
            {
                hash.Add(Bits(value));
            }
        }

        return hash.ToHashCode();
    }

    public IEnumerator<object?> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"({string.Join(", ", values.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : value ?? "null"))})";

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => Equals(Bits(left), Bits(right)),
    };

    private static object? Bits(object? value) => value switch
    {
        float v => float.IsNaN(v) ? int.MinValue : BitConverter.SingleToInt32Bits(v),
        double v => double.IsNaN(v) ? long.MinValue : BitConverter.DoubleToInt64Bits(v),
        _ => value,
    };
}

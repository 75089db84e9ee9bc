using System.Diagnostics;

namespace Philotes.DuckDb;

/// <summary>A column type, described on our side; the engine's own object is made from it when needed.</summary>
public sealed class DuckDbType
{
    private DuckDbType(DuckDbTypeId id, IReadOnlyList<DuckDbField>? fields = null, byte precision = 0, byte scale = 0)
    {
        Id = id;
        Fields = fields ?? [];
        Precision = precision;
        Scale = scale;
    }

    public DuckDbTypeId Id { get; }

    /// <summary>A struct's fields, a list's single <c>element</c>, a map's <c>key</c> and <c>value</c>; else empty.</summary>
    public IReadOnlyList<DuckDbField> Fields { get; }

    public byte Precision { get; }
    public byte Scale { get; }

    public static DuckDbType Of(DuckDbTypeId id) =>
        id is DuckDbTypeId.Decimal or DuckDbTypeId.List or DuckDbTypeId.Struct or DuckDbTypeId.Map
            ? throw new ArgumentOutOfRangeException(nameof(id), id, "This type has parameters.")
            : new DuckDbType(id);

    public static DuckDbType Decimal(int precision, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, 38);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        return new DuckDbType(DuckDbTypeId.Decimal, fields: null, (byte)precision, (byte)scale);
    }

    public static DuckDbType List(DuckDbType element) => new(DuckDbTypeId.List, [new DuckDbField("element", element)]);

    public static DuckDbType Map(DuckDbType key, DuckDbType value) =>
        new(DuckDbTypeId.Map, [new DuckDbField("key", key), new DuckDbField("value", value)]);

    public static DuckDbType Struct(IReadOnlyList<DuckDbField> fields) => new(DuckDbTypeId.Struct, fields);

    /// <summary>Bytes that one value takes in a vector; 0 for a struct, which has only its children.</summary>
    public int ValueByteCount => Id switch
    {
        DuckDbTypeId.Boolean => 1,
        DuckDbTypeId.SmallInt => 2,
        DuckDbTypeId.Integer or DuckDbTypeId.Float or DuckDbTypeId.Date => 4,
        DuckDbTypeId.BigInt or DuckDbTypeId.Double or DuckDbTypeId.Time or DuckDbTypeId.Timestamp or DuckDbTypeId.TimestampTz => 8,
        DuckDbTypeId.HugeInt or DuckDbTypeId.Uuid or DuckDbTypeId.Text or DuckDbTypeId.Blob => 16,
        DuckDbTypeId.Decimal => Precision switch { <= 4 => 2, <= 9 => 4, <= 18 => 8, _ => 16 },
        DuckDbTypeId.List or DuckDbTypeId.Map => 16,
        DuckDbTypeId.Struct => 0,
        _ => throw new UnreachableException(),
    };

    internal LogicalTypeHandle CreateHandle()
    {
        if (Id == DuckDbTypeId.Decimal)
            return NativeMethods.CreateDecimalType(Precision, Scale);
        if (Fields.Count == 0)
            return NativeMethods.CreateLogicalType((int)Id);
        var children = Fields.Select(field => field.Type.CreateHandle()).ToArray();
        try
        {
            return Id switch
            {
                DuckDbTypeId.List => NativeMethods.CreateListType(children[0]),
                DuckDbTypeId.Map => NativeMethods.CreateMapType(children[0], children[1]),
                _ => NativeMethods.CreateStructType(
                    Array.ConvertAll(children, child => child.DangerousGetHandle()),
                    Fields.Select(field => field.Name).ToArray(),
                    (ulong)children.Length),
            };
        }
        finally
        {
            Array.ForEach(children, child => child.Dispose());
        }
    }
}

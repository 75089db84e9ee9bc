using System.Diagnostics;
using System.Globalization;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>
/// How a partition or sort value is made of a column's value. A closed family; <see cref="object.ToString"/> gives the
/// specification's text. Null always stays null, and time and truncation round down, for values before 1970 and below zero too.
/// </summary>
public abstract record Transform
{
    private Transform()
    {
    }

    /// <summary>Parses the specification's text, such as <c>identity</c>, <c>bucket[16]</c> or <c>day</c>.</summary>
    /// <exception cref="IcebergFormatException">The text names no transform of format version 2.</exception>
    public static Transform Parse(string text) => text switch
    {
        "identity" => new Identity(),
        "year" => new Year(),
        "month" => new Month(),
        "day" => new Day(),
        "hour" => new Hour(),
        "void" => new Void(),
        _ when Argument(text, "bucket[") is { } count => new Bucket(count),
        _ when Argument(text, "truncate[") is { } width => new Truncate(width),
        _ => throw new IcebergFormatException($"'{text}' is not a partition transform of Iceberg's format version 2."),
    };

    public bool CanTransform(IcebergType source) => (this, source) switch
    {
        (Void, _) => true,
        (Identity, _) => !source.IsNested,
        (Bucket, _) => !source.IsNested && source is not (BooleanType or FloatType or DoubleType),
        (Truncate, _) => source is IntType or LongType or DecimalType or StringType or BinaryType,
        (Year or Month or Day, _) => source is DateType or TimestampType or TimestampTzType,
        (Hour, _) => source is TimestampType or TimestampTzType,
        _ => throw new UnreachableException(),
    };

    /// <summary>The type of the transformed value: a date for day, an int for bucket, year, month and hour, else the source's.</summary>
    public IcebergType ResultType(IcebergType source) => this switch
    {
        Bucket or Year or Month or Hour => new IntType(),
        Day => new DateType(),
        _ => source,
    };

    /// <summary>Transforms a value of the CLR type that the source type's summary names.</summary>
    /// <exception cref="OverflowException">The result does not fit: truncation close to the least value, hours of an absurd date.</exception>
    public object? Apply(IcebergType source, object? value) => (this, value) switch
    {
        (Void, _) or (_, null) => null,
        _ when !CanTransform(source) => throw new ArgumentException($"Transform {this} does not apply to a column of type {source}.", nameof(source)),
        (Identity, _) => value,
        (Bucket bucket, _) => TransformValues.Bucket(bucket.Count, TransformValues.Hash(source, value)),
        (Truncate truncate, _) => TransformValues.Truncate(truncate.Width, value),
        (Year, _) => TransformValues.Years(source, value),
        (Month, _) => TransformValues.Months(source, value),
        (Day, _) => TransformValues.Days(source, value),
        (Hour, _) => TransformValues.Hours((long)value),
        _ => throw new UnreachableException(),
    };

    private static int? Argument(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.EndsWith(']')
        && int.TryParse(text.AsSpan()[prefix.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;

    public sealed record Identity : Transform
    {
        public override string ToString() => "identity";
    }

    public sealed record Bucket(int Count) : Transform
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"bucket[{Count}]");
    }

    public sealed record Truncate(int Width) : Transform
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"truncate[{Width}]");
    }

    public sealed record Year : Transform
    {
        public override string ToString() => "year";
    }

    public sealed record Month : Transform
    {
        public override string ToString() => "month";
    }

    public sealed record Day : Transform
    {
        public override string ToString() => "day";
    }

    public sealed record Hour : Transform
    {
        public override string ToString() => "hour";
    }

    public sealed record Void : Transform
    {
        public override string ToString() => "void";
    }
}

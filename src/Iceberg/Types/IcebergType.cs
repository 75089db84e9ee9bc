using System.Globalization;
using System.Text.Json;

namespace Philotes.Iceberg.Types;

/// <summary>
/// A type of the Iceberg specification, format versions 1 and 2. A closed family: the twelve plain types, <see cref="DecimalType"/>,
/// <see cref="FixedType"/>, <see cref="ListType"/>, <see cref="MapType"/> and <see cref="StructType"/>. Each type's summary
/// names the CLR type of its values; equality is by structure. <see cref="object.ToString"/> gives the specification's text.
/// </summary>
public abstract record IcebergType
{
    private protected IcebergType()
    {
    }

    public bool IsNested => this is ListType or MapType or StructType;

    /// <summary>Parses a primitive type's text, such as <c>long</c>, <c>decimal(9, 2)</c> or <c>fixed[16]</c>.</summary>
    /// <exception cref="IcebergFormatException">The text names no type of format version 1 or 2.</exception>
    public static IcebergType Parse(string text) => text switch
    {
        "boolean" => new BooleanType(),
        "int" => new IntType(),
        "long" => new LongType(),
        "float" => new FloatType(),
        "double" => new DoubleType(),
        "date" => new DateType(),
        "time" => new TimeType(),
        "timestamp" => new TimestampType(),
        "timestamptz" => new TimestampTzType(),
        "string" => new StringType(),
        "uuid" => new UuidType(),
        "binary" => new BinaryType(),
        _ when Arguments(text, "decimal(", ")") is [>= 1 and <= DecimalType.MaxPrecision and var precision, var scale] && scale <= precision =>
            new DecimalType(precision, scale),
        _ when Arguments(text, "fixed[", "]") is [var length] => new FixedType(length),
        _ => throw new IcebergFormatException($"'{text}' is not a type of Iceberg's format version 1 or 2."),
    };

    /// <summary>Reads a type of the JSON form: a text for a primitive, an object for a list, map or struct.</summary>
    public static IcebergType Read(JsonElement json) => TypeJson.ReadType(json);

    private static int[]? Arguments(string text, string prefix, string suffix)
    {
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || !text.EndsWith(suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = text[prefix.Length..^suffix.Length].Split(',', StringSplitOptions.TrimEntries);
        var numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }
}

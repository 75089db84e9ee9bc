using System.Globalization;
using Philotes.BatchWriter.Columns.Text;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Columns;

/// <summary>
/// Which Iceberg type a Postgres type becomes, and who writes its values. This is the only place that knows: schemas are made from it and
/// rows are written with it, the copied ones and the streamed ones alike.
///
/// A type comes in the words of <see cref="PostgresType"/>. Whatever is not listed keeps the server's exact text in a string column, so an unknown
/// type never stops a table. A type map is pinned to a table by <see cref="Version"/> when the table is made: a change of the map below needs a new
/// number and keeps the old map alive.
/// </summary>
internal static class TypeMap
{
    public const int Version = 1;

    private const int MoneyPrecision = 19;
    private const int CommonMoneyDigits = 2;

    private static TypeMapping Text { get; } = new ScalarMapping(new StringType(), () => new TextColumn());

    public static TypeMapping For(ColumnSchema column, TypeChoices choices)
    {
        var chosen = choices.Of(column.Name);
        var type = PostgresType.Parse(column.Type);
        if (chosen.AsText)
            return Text;
        return For(type is ArrayType array && chosen.Dimensions is { } dimensions ? array with { Dimensions = dimensions } : type, chosen);
    }

    public static TypeMapping For(PostgresType type, ColumnChoices choices) => type switch
    {
        ArrayType array => Array(array, choices),
        CompositeType { Fields.Count: > 0 } composite => new StructMapping([.. composite.Fields.Select(field => (field, For(field.Type, choices)))]),
        NamedType named => Named(named.Words, choices),
        _ => Text,
    };

    private static TypeMapping Named(string words, ColumnChoices choices) => WithoutModifier(words) switch
    {
        "boolean" => Value<bool>(new BooleanType(), BooleanText.TryParse),
        "smallint" or "integer" => Value<int>(new IntType(), IntegerText.TryParseInt),
        "bigint" => Value<long>(new LongType(), IntegerText.TryParseLong),
        "oid" or "xid" or "cid" => Value<long>(new LongType(), IntegerText.TryParseUnsigned),
        "xid8" => Decimal(new DecimalType(20, 0)),
        "real" => Value<float>(new FloatType(), FloatText.TryParseFloat),
        "double precision" => Value<double>(new DoubleType(), FloatText.TryParseDouble),
        "numeric" => Numeric(words, choices),
        "money" => Money(words),
        "bytea" => new ScalarMapping(new BinaryType(), () => new BinaryColumn()),
        "uuid" => Value<Int128>(new UuidType(), UuidText.TryParse),
        "date" => Value<int>(new DateType(), DateText.TryParse),
        "time without time zone" when choices.NativeTime => Value<long>(new TimeType(), TimeText.TryParse),
        "timestamp without time zone" => Value<long>(new TimestampType(), TimestampText.TryParse),
        "timestamp with time zone" => Value<long>(new TimestampTzType(), TimestampText.TryParseWithZone),
        "hstore" => new MapMapping(),
        "geometry" or "geography" => new ScalarMapping(new BinaryType(), () => new HexColumn()),
        "vector" or "halfvec" => new ListMapping(Value<float>(new FloatType(), FloatText.TryParseFloat), 1, _ => new FloatVectorColumn()),
        _ => Text,
    };

    private static ScalarMapping Value<T>(IcebergType type, TextParser<T> parse)
        where T : unmanaged => new(type, () => new ValueColumn<T>(parse));

    private static ScalarMapping Decimal(DecimalType type) => new(type, () => new DecimalColumn(type.Precision, type.Scale));

    private static ListMapping Array(ArrayType array, ColumnChoices choices) =>
        new(For(array.Element, choices), array.Dimensions, element => new ListColumn(element, array.Dimensions, (byte)array.Delimiter));

    /// <summary>A negative scale counts zeros before the point, and a scale beyond the precision zeros behind it: both are digits of the decimal.</summary>
    private static TypeMapping Numeric(string words, ColumnChoices choices)
    {
        if (Modifier(words) is [var precision, var scale])
        {
            var digits = scale < 0 ? precision - scale : Math.Max(precision, scale);
            if (digits <= DecimalType.MaxPrecision)
                return Decimal(new DecimalType(digits, Math.Max(scale, 0)));
        }

        return choices.UnboundedNumeric is { } chosen ? Decimal(chosen) : Text;
    }

    private static ScalarMapping Money(string words)
    {
        var digits = Modifier(words) is [var found] ? found : CommonMoneyDigits;
        return Value<Int128>(new DecimalType(MoneyPrecision, digits), MoneyText.TryParse);
    }

    /// <summary><c>timestamp(3) with time zone</c> without its <c>(3)</c>.</summary>
    private static string WithoutModifier(string words)
    {
        var open = words.IndexOf('(', StringComparison.Ordinal);
        var close = words.IndexOf(')', StringComparison.Ordinal);
        return open > 0 && close > open ? words.Remove(open, close - open + 1) : words;
    }

    private static int[] Modifier(string words)
    {
        var open = words.IndexOf('(', StringComparison.Ordinal);
        return open < 0 ? [] : words[(open + 1)..words.IndexOf(')', StringComparison.Ordinal)]
            .Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
    }
}

using System.Globalization;
using Philotes.BatchWriter.Columns.Text;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>
/// Which Iceberg type a Postgres type becomes, and who writes its values. This is the only place that knows: schemas are made from it and
/// rows are written with it.
///
/// A type is named as format_type prints it, with its modifier: <c>numeric(10,2)</c>, <c>timestamp(3) with time zone</c>, <c>integer[]</c>.
/// Whatever is not listed keeps the server's exact text in a string column, so an unknown type never stops a table. A type map is pinned
/// to a table by <see cref="Version"/> when the table is made: a change of the map below needs a new number and keeps the old map alive.
/// </summary>
internal static class TypeMap
{
    public const int Version = 1;

    public static TypeMapping For(string postgresType, TypeChoices choices) => WithoutModifier(postgresType) switch
    {
        "boolean" => new(new BooleanType(), () => new ValueColumn<bool>(BooleanText.TryParse)),
        "smallint" or "integer" => new(new IntType(), () => new ValueColumn<int>(IntegerText.TryParseInt)),
        "bigint" => new(new LongType(), () => new ValueColumn<long>(IntegerText.TryParseLong)),
        "oid" or "xid" or "cid" => new(new LongType(), () => new ValueColumn<long>(IntegerText.TryParseUnsigned)),
        "xid8" => Decimal(new DecimalType(20, 0)),
        "real" => new(new FloatType(), () => new ValueColumn<float>(FloatText.TryParseFloat)),
        "double precision" => new(new DoubleType(), () => new ValueColumn<double>(FloatText.TryParseDouble)),
        "numeric" => Numeric(postgresType, choices),
        "money" => new(new DecimalType(19, 2), () => new ValueColumn<Int128>(MoneyText.TryParse)),
        "bytea" => new(new BinaryType(), () => new BinaryColumn()),
        "uuid" => new(new UuidType(), () => new ValueColumn<Int128>(UuidText.TryParse)),
        "date" => new(new DateType(), () => new ValueColumn<int>(DateText.TryParse)),
        "time without time zone" when choices.NativeTime => new(new TimeType(), () => new ValueColumn<long>(TimeText.TryParse)),
        "timestamp without time zone" => new(new TimestampType(), () => new ValueColumn<long>(TimestampText.TryParse)),
        "timestamp with time zone" => new(new TimestampTzType(), () => new ValueColumn<long>(TimestampText.TryParseWithZone)),
        _ => new(new StringType(), () => new TextColumn()),
    };

    private static TypeMapping Decimal(DecimalType type) => new(type, () => new DecimalColumn(type.Precision, type.Scale));

    /// <summary>A negative scale counts zeros before the point, and a scale beyond the precision zeros behind it: both are digits of the decimal.</summary>
    private static TypeMapping Numeric(string postgresType, TypeChoices choices)
    {
        if (Modifier(postgresType) is not [var precision, var scale])
            return choices.UnboundedNumeric is { } chosen ? Decimal(chosen) : new(new StringType(), () => new TextColumn());
        var digits = scale < 0 ? precision - scale : Math.Max(precision, scale);
        return digits <= DecimalType.MaxPrecision
            ? Decimal(new DecimalType(digits, Math.Max(scale, 0)))
            : new(new StringType(), () => new TextColumn());
    }

    /// <summary><c>timestamp(3) with time zone</c> without its <c>(3)</c>. An array keeps its brackets, so that it is never taken for its element.</summary>
    private static string WithoutModifier(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        var close = type.IndexOf(')', StringComparison.Ordinal);
        return open > 0 && close > open ? type.Remove(open, close - open + 1) : type;
    }

    private static int[] Modifier(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        return open < 0 ? [] : type[(open + 1)..type.IndexOf(')', StringComparison.Ordinal)]
            .Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
    }
}

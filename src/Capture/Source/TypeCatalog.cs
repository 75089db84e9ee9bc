using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Unfolds types by OID: domains to their base, arrays to their element, composites to their fields, in any schema. Everything is asked anew each time, so
/// that a type that was dropped and made again, under another OID, is found. A type that no longer exists keeps its text.
/// </summary>
internal sealed class TypeCatalog
{
    /// <summary>A type that was dropped before it was ever asked for: its text is kept as text.</summary>
    public static PostgresType Gone { get; } = new NamedType("unknown");

    private const uint Money = 790;
    private const int CommonMoneyDigits = 2;

    /// <summary>A composite cannot hold itself, so this is deeper than anything a person made; beyond it the text stays as it is.</summary>
    private const int DepthMax = 32;

    /// <summary>Types that are more than text in the lake, by the extension that they must belong to.</summary>
    private static readonly HashSet<(string Extension, string Type)> Known =
        [("hstore", "hstore"), ("postgis", "geometry"), ("postgis", "geography"), ("vector", "vector"), ("vector", "halfvec")];

    private readonly Dictionary<uint, CatalogType> _types;
    private readonly ILookup<uint, CompositeAttribute> _attributes;
    private readonly Dictionary<(uint Type, int Modifier), string> _names = [];
    private readonly int _moneyDigits;

    private TypeCatalog(Dictionary<uint, CatalogType> types, ILookup<uint, CompositeAttribute> attributes, int moneyDigits)
    {
        _types = types;
        _attributes = attributes;
        _moneyDigits = moneyDigits;
    }

    /// <param name="columns">Type, modifier and declared dimensions of each column.</param>
    /// <param name="moneyDigits">Asked once, and only where a column holds money.</param>
    public static async Task<IReadOnlyList<PostgresType>> ResolveAsync(
        NpgsqlConnection catalog, IReadOnlyList<(uint Type, int Modifier, int Dimensions)> columns, Func<CancellationToken, Task<int>> moneyDigits,
        CancellationToken cancellationToken)
    {
        var types = await TypesAsync(catalog, columns.Select(column => column.Type), cancellationToken);
        var attributes = types.Values.Any(type => type.Kind == 'c') ? await AttributesAsync(catalog, types.Keys, cancellationToken) : NoAttributes;
        var digits = types.ContainsKey(Money) ? await moneyDigits(cancellationToken) : CommonMoneyDigits;
        var resolved = new TypeCatalog(types, attributes, digits);
        foreach (var (type, modifier, dimensions) in columns)
            resolved.Unfold(type, modifier, dimensions, depth: 0);
        await resolved.NameAsync(catalog, cancellationToken);
        return [.. columns.Select(column => resolved.Unfold(column.Type, column.Modifier, column.Dimensions, depth: 0))];
    }

    /// <summary>Fraction digits of money under the session's own lc_monetary.</summary>
    public static async Task<int> MoneyDigitsAsync(NpgsqlConnection unpinned, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TypeSql.MoneyUnit, unpinned);
        var unit = long.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var digits = 0;
        for (; unit >= 10; unit /= 10)
            digits++;
        return digits;
    }

    private static ILookup<uint, CompositeAttribute> NoAttributes => Array.Empty<(uint Type, CompositeAttribute Attribute)>().ToLookup(row => row.Type, row => row.Attribute);

    /// <summary>The first pass collects the names that it needs, the second has them.</summary>
    private PostgresType Unfold(uint oid, int modifier, int dimensions, int depth)
    {
        if (!_types.TryGetValue(oid, out var type))
            return Gone;
        if (type.Kind == 'd')
            return Unfold(type.Base, type.BaseModifier, type.BaseDimensions, depth);
        if (type.Kind == 'e')
            return new NamedType("enum");
        if (type.Element != 0 && depth < DepthMax)
            return new ArrayType(Unfold(type.Element, modifier, dimensions: 0, depth + 1), Math.Max(dimensions, 1), type.Delimiter);
        if (type.Kind == 'c' && depth < DepthMax && _attributes.Contains(oid))
            return new CompositeType([.. _attributes[oid].Select(field => new CompositeField(field.Number, field.Name, Unfold(field.Type, field.Modifier, field.Dimensions, depth + 1)))]);
        return new NamedType(Words(type, modifier));
    }

    private string Words(CatalogType type, int modifier)
    {
        if (type.Extension is { } extension && Known.Contains((extension, type.Name)))
            return type.Name;
        if (type.Oid == Money && _moneyDigits != CommonMoneyDigits)
            return string.Create(CultureInfo.InvariantCulture, $"money({_moneyDigits})");
        return _names.TryGetValue((type.Oid, modifier), out var name) ? name : _names[(type.Oid, modifier)] = "";
    }

    private async Task NameAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        var wanted = _names.Keys.ToList();
        await using var command = new NpgsqlCommand(TypeSql.Names, catalog)
        {
            Parameters = { Oids([.. wanted.Select(name => name.Type)]), new() { Value = wanted.Select(name => name.Modifier).ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        foreach (var name in wanted)
        {
            await reader.ReadAsync(cancellationToken);
            _names[name] = reader.GetString(0);
        }
    }

    private static async Task<Dictionary<uint, CatalogType>> TypesAsync(NpgsqlConnection catalog, IEnumerable<uint> oids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TypeSql.Reached, catalog) { Parameters = { Oids([.. oids.Distinct()]) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var types = new Dictionary<uint, CatalogType>();
        while (await reader.ReadAsync(cancellationToken))
        {
            types[reader.GetFieldValue<uint>(0)] = new CatalogType(
                reader.GetFieldValue<uint>(0), reader.GetChar(1), reader.GetFieldValue<uint>(2), reader.GetInt32(3), reader.GetInt32(4),
                reader.GetFieldValue<uint>(5), reader.GetChar(6), reader.IsDBNull(7) ? null : reader.GetString(7), reader.GetString(8));
        }

        return types;
    }

    private static async Task<ILookup<uint, CompositeAttribute>> AttributesAsync(NpgsqlConnection catalog, IEnumerable<uint> oids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TypeSql.Attributes, catalog) { Parameters = { Oids([.. oids.Distinct()]) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(uint Type, CompositeAttribute Attribute)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetFieldValue<uint>(0), new CompositeAttribute(
                reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<uint>(3), reader.GetInt32(4), reader.GetInt32(5))));
        }

        return rows.ToLookup(row => row.Type, row => row.Attribute);
    }

    private static NpgsqlParameter Oids(uint[] oids) => new() { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };
}

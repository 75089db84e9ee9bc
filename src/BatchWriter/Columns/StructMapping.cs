using System.Globalization;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Columns;

/// <summary>
/// A composite type: a struct whose fields follow the attribute numbers. The number stands in the field's doc (<c>attribute 3</c>), so a renamed attribute
/// keeps its field, and one that was dropped and made again under its name has its own; a field without that doc is found by its name. The fields of
/// dropped attributes stay, NULL from then on.
/// </summary>
internal sealed class StructMapping(IReadOnlyList<(CompositeField Source, TypeMapping Mapping)> fields) : TypeMapping
{
    private const string DocPrefix = "attribute ";

    public override IcebergType NewType(Func<int> nextId) => Fitted(new StructType([]), nextId)!;

    public override Func<ColumnWriter>? WriterInto(IcebergType column)
    {
        if (column is not StructType target)
            return null;
        var bound = new List<(int Field, Func<ColumnWriter> Writer)>(fields.Count);
        foreach (var (source, mapping) in fields)
        {
            var index = Find(target.Fields, source);
            if (index < 0 || mapping.WriterInto(target.Fields[index].Type) is not { } writer)
                return null;
            bound.Add((index, writer));
        }

        return () => new StructColumn([.. bound.Select(field => (field.Field, field.Writer()))], target.Fields.Count);
    }

    public override IcebergType? Fitted(IcebergType column, Func<int> nextId)
    {
        if (column is not StructType target)
            return null;
        var fitted = target.Fields.ToList();
        foreach (var (source, mapping) in fields)
        {
            var index = Find(fitted, source);
            if (index < 0)
                fitted.Add(NewField(fitted, source, mapping, nextId));
            else if (mapping.Fitted(fitted[index].Type, nextId) is { } type)
                fitted[index] = fitted[index] with { Name = NameOf(fitted, index, source), Type = type };
            else
                return null;
        }

        return new StructType(fitted);
    }

    /// <summary>The field of a struct that has an attribute's values; null where it has none yet.</summary>
    internal static NestedField? FieldOf(IReadOnlyList<NestedField> target, CompositeField source) => Find(target, source) is var index and >= 0 ? target[index] : null;

    private static NestedField NewField(List<NestedField> siblings, CompositeField source, TypeMapping mapping, Func<int> nextId)
    {
        var id = nextId();
        var name = Tables.FieldNames.Free(source.Name, siblings.Select(field => field.Name));
        return new NestedField(id, name, Required: false, mapping.NewType(nextId), Doc(source.Number));
    }

    /// <summary>The attribute's name of now, unless the field already goes by it or by it with a suffix.</summary>
    private static string NameOf(List<NestedField> siblings, int index, CompositeField source)
    {
        var present = siblings[index].Name;
        var suffixed = present.StartsWith(source.Name + "_", StringComparison.Ordinal) && present.AsSpan(source.Name.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        return present == source.Name || suffixed
            ? present
            : Tables.FieldNames.Free(source.Name, siblings.Where((_, i) => i != index).Select(field => field.Name));
    }

    private static int Find(IReadOnlyList<NestedField> target, CompositeField source)
    {
        var byName = -1;
        for (var i = 0; i < target.Count; i++)
        {
            if (target[i].Doc == Doc(source.Number))
                return i;
            if (target[i].Name == source.Name && target[i].Doc?.StartsWith(DocPrefix, StringComparison.Ordinal) != true)
                byName = i;
        }

        return byName;
    }

    private static string Doc(int number) => string.Create(CultureInfo.InvariantCulture, $"{DocPrefix}{number}");
}

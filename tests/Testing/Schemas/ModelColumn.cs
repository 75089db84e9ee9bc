namespace Philotes.Testing.Schemas;

/// <summary>A column as Postgres numbers it, and the lake's columns of it.</summary>
public sealed class ModelColumn(int number, string name, ModelType type)
{
    public int Number { get; } = number;

    public string Name { get; set; } = name;

    public ModelType Type { get; set; } = type;

    public bool IsRequired { get; set; }

    /// <summary>The lake's columns of it, oldest first. A type that no row was seen under leaves none.</summary>
    public List<ModelField> Fields { get; } = [];

    /// <summary>Where a row's value goes: the newest column that fits takes it; else one is widened; else there is a new one.</summary>
    public ModelField Place()
    {
        if (Fields.FindLast(known => Type.FitsInto(known.Lake)) is { } fitting)
            return fitting;
        if (Fields.FindLast(known => Type.Widens(known.Lake)) is { } narrow)
        {
            narrow.Lake = Type.Lake;
            return narrow;
        }

        var added = new ModelField(Fields.Count + 1, Type.Lake);
        Fields.Add(added);
        return added;
    }
}

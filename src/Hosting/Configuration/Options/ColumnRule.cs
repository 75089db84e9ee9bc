using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>What is different for one column; null leaves what the table says.</summary>
public sealed record ColumnRule
{
    [Description("The column's name in the lake, when it is made there.")]
    public string? Name { get; init; }

    [Description("string: the server's exact text, whatever the type.")]
    public ColumnForm? As { get; init; }

    [Description("decimal(p,s) for a numeric that has no decimal of its own; string for its exact text.")]
    public string? Numeric { get; init; }

    [Description("time for the native type, string for the text that every engine reads.")]
    public string? Time { get; init; }

    [Description("Dimensions of an array, where the source has lost them (CREATE TABLE AS, pg_dump).")]
    [Between("1", "6")]
    public int? Dimensions { get; init; }

    [Description("What becomes of a value that this column cannot hold.")]
    public OnOutside? OnOutside { get; init; }

    [Description("True: the column is left out, before the buffer.")]
    public bool? Exclude { get; init; }

    [Description("sha256: the hexadecimal SHA-256 of salt and text. null: NULL always. drop: left out. Applied before the buffer.")]
    public ColumnMask? Mask { get; init; }

    [Description("What stands before the text that mask: sha256 hashes.")]
    public Secret? Salt { get; init; }

    internal ColumnRule With(ColumnRule later) => new()
    {
        Name = later.Name ?? Name,
        As = later.As ?? As,
        Numeric = later.Numeric ?? Numeric,
        Time = later.Time ?? Time,
        Dimensions = later.Dimensions ?? Dimensions,
        OnOutside = later.OnOutside ?? OnOutside,
        Exclude = later.Exclude ?? Exclude,
        Mask = later.Mask ?? Mask,
        Salt = later.Salt ?? Salt,
    };
}

using System.Globalization;

namespace Philotes.Testing.Schemas;

/// <summary>A Postgres type of the model: how a value is written, what the server prints, and what a reader of the lake shows.</summary>
/// <param name="Sql">As it is declared, and as format_type prints it.</param>
/// <param name="Lake">The Iceberg type.</param>
/// <param name="Text">The n-th value as the server prints it.</param>
/// <param name="Quoted">A reader shows the value as a JSON string.</param>
public sealed record ModelType(string Sql, string Lake, Func<int, string> Text, bool Quoted)
{
    public static readonly ModelType Integer = new("integer", "int", Number, Quoted: false);
    public static readonly ModelType Bigint = new("bigint", "long", Number, Quoted: false);
    public static readonly ModelType Words = new("text", "string", n => $"w{Number(n)}", Quoted: true);
    public static readonly ModelType Varchar = new("character varying(20)", "string", n => $"v{Number(n)}", Quoted: true);
    public static readonly ModelType Money = new("numeric(10,2)", "decimal(10, 2)", n => $"{Number(n)}.25", Quoted: true);
    public static readonly ModelType MoreMoney = new("numeric(14,2)", "decimal(14, 2)", n => $"{Number(n)}.50", Quoted: true);
    public static readonly ModelType Real = new("real", "float", n => $"{Number(n)}.5", Quoted: true);
    public static readonly ModelType Double = new("double precision", "double", n => $"{Number(n)}.5", Quoted: true);

    public static readonly IReadOnlyList<ModelType> All = [Integer, Bigint, Words, Varchar, Money, MoreMoney, Real, Double];

    /// <summary>The type that Iceberg widens this one's column to, or null.</summary>
    public ModelType? Wider => this == Integer ? Bigint : this == Real ? Double : this == Money ? MoreMoney : this == Varchar ? Words : null;

    /// <summary>Whether a lake column of type <paramref name="lake"/> takes values of this type as it is.</summary>
    public bool FitsInto(string lake) => lake == Lake || (Lake, lake) is ("int", "long") or ("float", "double");

    /// <summary>Whether Iceberg can make this type of a lake column in place.</summary>
    public bool Widens(string lake) => (lake, Lake) is ("int", "long") or ("float", "double") or ("decimal(10, 2)", "decimal(14, 2)");

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>One type of the matrix and the values that are put into its column.</summary>
/// <param name="Iceberg">The lake's type as Iceberg writes it, without field ids.</param>
internal sealed record TypeColumn(string Name, string Postgres, string Iceberg, IReadOnlyList<TypeValue> Values)
{
    public bool IsNested => Iceberg.Contains('<', StringComparison.Ordinal);
}

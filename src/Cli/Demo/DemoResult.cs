namespace Philotes.Cli.Demo;

/// <summary>One line of the demo's table. Difference is null when the foreign reader found exactly what the source did.</summary>
sealed record DemoResult(ShopTable Table, long AtSource, long Buffered, long InLake, long Read, string? MetadataLocation, string? Difference)
{
    public bool IsEqual => Difference is null && AtSource == Buffered && AtSource == InLake && AtSource == Read;
}

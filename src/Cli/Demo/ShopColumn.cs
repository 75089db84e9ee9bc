namespace Philotes.Cli.Demo;

/// <summary>A column of the demo's shop: its name as Postgres stores it, and its type as SQL says it.</summary>
sealed record ShopColumn(string Name, string Type);

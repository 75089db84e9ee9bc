namespace Philotes.Hosting;

/// <summary>What the lake holds of a table.</summary>
public enum TableMode
{
    Changelog,
    Mirror,
}

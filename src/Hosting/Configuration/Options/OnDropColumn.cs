namespace Philotes.Hosting;

/// <summary>What follows when a column is dropped.</summary>
public enum OnDropColumn
{
    Keep,
    Drop,
}

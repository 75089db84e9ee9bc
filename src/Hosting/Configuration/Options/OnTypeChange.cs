namespace Philotes.Hosting;

/// <summary>What follows when a column gets another type.</summary>
public enum OnTypeChange
{
    NewColumn,
    Block,
}

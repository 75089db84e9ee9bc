namespace Philotes.Hosting;

/// <summary>What a column is in the lake, whatever the type map says.</summary>
public enum ColumnForm
{
    String,
}

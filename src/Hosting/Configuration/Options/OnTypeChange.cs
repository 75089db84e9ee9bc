namespace Philotes.Hosting;

/// <summary>What follows when a column gets another type.</summary>
public enum OnTypeChange
{
    /// <summary>The old column stays, a new one <c>name__v2</c> goes on.</summary>
    NewColumn,

    /// <summary>As <see cref="NewColumn"/>, but the new one is text and takes every later type too.</summary>
    String,

    /// <summary>The table waits for a person.</summary>
    Block,
}

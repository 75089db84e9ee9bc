namespace Philotes.Hosting;

/// <summary>What follows when a table is dropped and created again under its name.</summary>
public enum OnRecreate
{
    /// <summary>The new one waits for a person.</summary>
    Block,

    /// <summary>It goes on in the lake table of the first, in the columns of the same names and types.</summary>
    Continue,

    /// <summary>It gets a lake table of its own, named with its number.</summary>
    NewTable,
}

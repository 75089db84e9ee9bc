namespace Philotes.Cli;

/// <summary>What the reference of the command line says of a verb's JSON, whatever its rows are.</summary>
interface IListing
{
    string Kind { get; }

    IEnumerable<(string Member, string Meaning)> Members { get; }
}

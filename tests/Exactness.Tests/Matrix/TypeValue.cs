namespace Philotes.Exactness.Tests.Matrix;

/// <summary>One value.</summary>
/// <param name="Input">What the server is given; it may spell it otherwise.</param>
/// <param name="Canonical">What a reader must print, as JSON; null where the server's own text decides.</param>
/// <param name="IsOutside">The lake's type cannot hold it: NULL, and recorded.</param>
internal sealed record TypeValue(string Input, string? Canonical, bool IsOutside);

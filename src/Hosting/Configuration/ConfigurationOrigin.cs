using System.Globalization;

namespace Philotes.Hosting;

/// <summary>Where a value was said. Line is 1-based; 0 where lines make no sense (environment, command line, defaults).</summary>
public sealed record ConfigurationOrigin(string Where, int Line = 0)
{
    public static readonly ConfigurationOrigin Default = new("default");

    public override string ToString() => Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Where}:{Line}") : Where;
}

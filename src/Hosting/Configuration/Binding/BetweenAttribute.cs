namespace Philotes.Hosting;

/// <summary>Smallest and largest allowed value, written as the configuration writes them.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class BetweenAttribute(string least, string most) : Attribute
{
    public string Least { get; } = least;

    public string Most { get; } = most;
}

namespace Philotes.Hosting;

/// <summary>One thing that is wrong: where it is said, which key, what is wrong and what would be right.</summary>
public sealed record ConfigurationError(ConfigurationOrigin Origin, string Key, string Message)
{
    public override string ToString() => $"{Origin}: {(Key.Length > 0 ? Key + ": " : "")}{Message}";
}

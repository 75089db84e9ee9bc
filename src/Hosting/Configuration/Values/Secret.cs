namespace Philotes.Hosting;

/// <summary>
/// A value that is never printed. It is read anew at each <see cref="Reveal"/>, so that a rotated file or variable holds from the next
/// connection on.
/// </summary>
public sealed class Secret
{
    /// <summary>What is printed instead.</summary>
    public const string Mask = "***";

    readonly Func<string> _read;

    Secret(string origin, Func<string> read)
    {
        Origin = origin;
        _read = read;
    }

    /// <summary>Where the value comes from: <c>inline</c>, <c>${file:/run/secrets/x}</c> or <c>${env:X}</c>. Safe to print.</summary>
    public string Origin { get; }

    public static Secret Inline(string value) => new("inline", () => value);

    /// <summary>The file's text without the line break at its end.</summary>
    public static Secret FromFile(string path) => new($"${{file:{path}}}", () => File.ReadAllText(path).TrimEnd('\r', '\n'));

    public static Secret From(string origin, Func<string> read) => new(origin, read);

    /// <summary>The value in clear, for the one call that needs it.</summary>
    public string Reveal() => _read();

    public override string ToString() => Mask;
}

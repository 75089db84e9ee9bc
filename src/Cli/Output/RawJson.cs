namespace Philotes.Cli;

/// <summary>A JSON text that is written as it is.</summary>
sealed record RawJson(string Text)
{
    public static RawJson? Of(string? text) => text is null ? null : new RawJson(text);

    public override string ToString() => Text;
}

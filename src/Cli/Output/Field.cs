namespace Philotes.Cli;

/// <summary>One member of what a read verb shows: a column of its table, a member of its JSON, a line of its documentation.</summary>
/// <param name="Member">Name in the JSON; never changed under one apiVersion.</param>
/// <param name="Value">A text, number, truth value, time, duration, list of texts, or a JSON text as <see cref="RawJson"/>; null is null.</param>
/// <param name="Header">Null: only in the JSON.</param>
/// <param name="Text">How people read it, where that differs.</param>
sealed record Field<T>(string Member, string Meaning, Func<T, object?> Value, string? Header = null, Func<T, string>? Text = null)
{
    public bool RightAligned { get; init; }

    public string Show(T row) => TerminalText.Clean(Text is null ? TerminalText.Of(Value(row)) : Text(row));
}

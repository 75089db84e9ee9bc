namespace Philotes.Cli.Demo;

/// <summary>One line that changes in place on a terminal; elsewhere a line every five seconds.</summary>
sealed class DemoProgress(TextWriter output)
{
    static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan FileInterval = TimeSpan.FromSeconds(5);

    readonly bool _terminal = !Console.IsOutputRedirected && ReferenceEquals(output, Console.Out);
    long? _shown;
    int _width;

    public void Show(string text)
    {
        if (_shown is { } shown && TimeProvider.System.GetElapsedTime(shown) < (_terminal ? TerminalInterval : FileInterval))
            return;
        _shown = TimeProvider.System.GetTimestamp();
        if (!_terminal)
        {
            output.WriteLine(text);
            return;
        }
        output.Write("\r" + text.PadRight(_width));
        _width = text.Length;
    }

    public void Say(string text)
    {
        if (_width > 0)
            output.Write("\r" + new string(' ', _width) + "\r");
        (_width, _shown) = (0, null);
        output.WriteLine(text);
    }
}

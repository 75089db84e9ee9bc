using System.Text;

namespace Philotes.Cli;

/// <summary>The same output for somebody who wants no colour: <c>--no-color</c>, or a <c>NO_COLOR</c> in the environment.</summary>
sealed class PlainOutput(TextWriter output) : TextWriter
{
    public override Encoding Encoding => Inner.Encoding;

    public TextWriter Inner { get; } = output;

    public override void Write(char value) => Inner.Write(value);

    public override void Write(string? value) => Inner.Write(value);

    public override void Write(char[] buffer, int index, int count) => Inner.Write(buffer, index, count);

    public override Task WriteAsync(string? value) => Inner.WriteAsync(value);

    public override Task WriteLineAsync(string? value) => Inner.WriteLineAsync(value);

    public override void Flush() => Inner.Flush();
}

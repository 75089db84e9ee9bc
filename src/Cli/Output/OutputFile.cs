using System.Text;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>The file that <c>--out</c> names.</summary>
static class OutputFile
{
    /// <exception cref="ConfigurationException">It cannot be written there.</exception>
    public static StreamWriter Create(string path) => new(Open(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    public static FileStream Open(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw CommandLineError.Of("--out", $"'{path}' cannot be written: {refused.Message}");
        }
    }
}

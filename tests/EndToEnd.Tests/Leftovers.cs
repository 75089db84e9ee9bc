using System.Globalization;
using System.Net.Sockets;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>What a program that has ended must not leave: processes that work in its folder, and open ports.</summary>
internal static class Leftovers
{
    /// <summary>Waits a moment for what is just ending; the deadline is the token.</summary>
    public static Task NoneAsync(string folder, IEnumerable<int> ports, CancellationToken cancellationToken) => Until.TrueAsync(
        async () => ProcessesOf(folder).Count == 0 && !await AnyOpenAsync(ports, cancellationToken),
        () => $"left: {string.Join("; ", ProcessesOf(folder))}",
        cancellationToken);

    /// <summary>Command lines of live processes that name the folder.</summary>
    public static IReadOnlyList<string> ProcessesOf(string folder) => [.. Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId)
        .Select(CommandLine)
        .Where(line => line.Contains(folder, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task<bool> AnyOpenAsync(IEnumerable<int> ports, CancellationToken cancellationToken)
    {
        foreach (var port in ports)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                continue;
            }
        }

        return false;
    }
}

using System.Diagnostics;

namespace Philotes.Hosting.Embedded;

/// <summary>
/// Under which user a server's programs run. Postgres refuses root; so, as root, they run as <c>postgres</c> or <c>nobody</c>, with the one
/// capability to pass through folders that only root may enter (a clone below /root, a private temporary folder).
/// </summary>
internal sealed class ServerUser
{
    private readonly string[] _prefix;
    private readonly string? _name;

    private ServerUser(string? name, string[] prefix)
    {
        _name = name;
        _prefix = prefix;
    }

    public static ServerUser Choose()
    {
        if (!Processes.IsRoot)
        {
            return new ServerUser(null, []);
        }

        var (name, user, group) = Find("postgres") ?? Find("nobody")
            ?? throw new InvalidOperationException("Postgres refuses to run as root and this machine has neither the user 'postgres' nor 'nobody'.");
        string[] plain = ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups"];
        string[] capable = [.. plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
        return new ServerUser(name, Works(capable) ? capable : plain);
    }

    /// <summary>The start of <paramref name="program"/> as this user.</summary>
    public ProcessStartInfo Start(string program, params IEnumerable<string> arguments)
    {
        string[] words = [.. _prefix, program, .. arguments];
        return new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, WorkingDirectory = "/" };
    }

    public Task OwnAsync(string path, CancellationToken cancellationToken) => _name is null
        ? Task.CompletedTask
        : Processes.RunAsync(new ProcessStartInfo("chown", ["-R", _name, path]), cancellationToken);

    private static (string Name, string User, string Group)? Find(string name) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name) is { Length: > 3 } found
            ? (name, found[2], found[3])
            : null;

    private static bool Works(string[] prefix)
    {
        using var probe = Process.Start(new ProcessStartInfo(prefix[0], [.. prefix[1..], "true"]) { RedirectStandardError = true });
        probe?.WaitForExit();
        return probe?.ExitCode == 0;
    }
}

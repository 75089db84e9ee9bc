using System.Globalization;

namespace Philotes.Hosting.Embedded;

/// <summary>
/// What <c>postmaster.pid</c> says (Postgres source, utils/pidfile.h): process id, data folder, start time, port, socket folder, listen
/// address, shared memory key, status. A server that could not bind its port never writes <c>ready</c>, so <c>ready</c> under our own
/// process id proves that what answers on the port is the server of this folder.
/// </summary>
internal sealed record PostmasterFile(int ProcessId, bool Ready)
{
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "postmaster.pid");

    public static PostmasterFile? Read(string dataFolder)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(dataFolder));
            return lines.Length > 0 && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid)
                ? new PostmasterFile(pid, lines.Length > 7 && lines[7].Trim() == "ready")
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Removes the file of a server that is gone. Postgres itself asks only whether a process with that id exists, and would refuse to start
    /// beside a zombie that nobody reaped, or beside a stranger that was given the id since.
    /// </summary>
    public static void RemoveStale(string dataFolder)
    {
        if (Read(dataFolder) is not { } left)
        {
            return;
        }

        if (Processes.Runs(left.ProcessId) && Processes.WorksIn(left.ProcessId, dataFolder))
        {
            throw new InvalidOperationException(
                $"Another server (process {left.ProcessId}) runs on {dataFolder}. Stop it, or give this one a folder of its own.");
        }

        File.Delete(PathIn(dataFolder));
    }
}

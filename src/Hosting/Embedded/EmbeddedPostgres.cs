using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Philotes.Hosting.Embedded;

/// <summary>
/// A Postgres server of our own on 127.0.0.1, for <c>philotes dev</c>, the demo and the tests. It listens on TCP only, with a password kept
/// inside its data folder.
/// <para>
/// The server's standard input is a pipe from this process. A small watcher beside it reads the pipe and stops the server when the pipe
/// closes; so the server ends with us however we end, and a Ctrl-C at the terminal reaches us first because the server has a session of its
/// own.
/// </para>
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    public const string User = "philotes";
    private const int StartsMax = 5;

    // exec keeps the process id: what we started is the postmaster. The watcher is orphaned on purpose, a postmaster wants no strange children.
    private const string Launch = """
        data=$1; log=$2; shift 2
        exec 3<&0 </dev/null
        (
          (cat <&3 >/dev/null; [ "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" = "$$" ] && kill -INT $$) >/dev/null 2>&1 &
        )
        exec "$@" 3<&- >>"$log" 2>&1
        """;

    private readonly EmbeddedPostgresOptions _options;
    private readonly Process _process;
    private readonly string _password;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, Process process, int port, string password)
    {
        _options = options;
        _process = process;
        _password = password;
        Port = port;
    }

    public string Host { get; } = "127.0.0.1";

    public int Port { get; }

    public int ProcessId => _process.Id;

    public string DataFolder => _options.DataFolder;

    /// <summary>Only for handing on to processes that we start.</summary>
    public string Password => _password;

    /// <summary>What the server wrote, beside its data folder.</summary>
    public string LogFile => LogFileOf(_options.DataFolder);

    public string ConnectionString(string database) => string.Create(CultureInfo.InvariantCulture,
        $"Host={Host};Port={Port};Database={database};Username={User};Password={_password}");

    /// <summary>Whether the binaries of this version are on the machine.</summary>
    public static bool IsAvailable(int majorVersion = 15) => PostgresBinaries.Exist(majorVersion);

    /// <summary>Initialises the folder if it is new, starts the server and returns when it accepts connections.</summary>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken = default)
    {
        options = options with { DataFolder = Path.GetFullPath(options.DataFolder) };
        var binaries = PostgresBinaries.Of(options);
        var user = ServerUser.Choose();
        if (!File.Exists(Path.Combine(options.DataFolder, "PG_VERSION")))
        {
            await InitialiseAsync(options, cancellationToken);
        }

        PostmasterFile.RemoveStale(options.DataFolder);
        var password = await File.ReadAllTextAsync(PasswordFileOf(options.DataFolder), cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var port = options.Port == 0 ? FreePort() : options.Port;
            var logged = await LogLengthAsync(options.DataFolder, user, cancellationToken);
            var process = Launched(options, binaries, user, port);
            var server = new EmbeddedPostgres(options, process, port, password);
            if (await server.BecomesReadyAsync(cancellationToken))
            {
                return server;
            }

            await server.KillAsync();
            var said = Said(options.DataFolder, logged);
            if (options.Port != 0 || attempt == StartsMax || !said.Contains("could not bind", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Postgres did not start on {options.DataFolder}: {said.Trim()}");
            }
        }
    }

    /// <summary>Fast shutdown: sessions are ended, everything is checkpointed.</summary>
    public async Task StopAsync()
    {
        Processes.Signal(ProcessId, Processes.Interrupt);
        using var limit = new CancellationTokenSource(_options.Timeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>kill -9 of the postmaster and all its processes, as a power cut of the process would: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        var children = Processes.ChildrenOf(ProcessId);
        Processes.Signal(ProcessId, Processes.Killed);
        foreach (var child in children)
        {
            Processes.Signal(child, Processes.Killed);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        while (children.Any(Processes.Runs))
        {
            await Task.Delay(5, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync();
        }

        await _process.StandardInput.DisposeAsync();
        _process.Dispose();
    }

    /// <summary>Makes the data folder of a server that has not run yet. A copy of it, owners and all, is the folder of another server with the same password.</summary>
    public static async Task InitialiseAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken = default)
    {
        var binaries = PostgresBinaries.Of(options);
        var user = ServerUser.Choose();
        Directory.CreateDirectory(options.DataFolder);
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var passwordFile = options.DataFolder + ".password";
        await File.WriteAllTextAsync(passwordFile, password, cancellationToken);
        await user.OwnAsync(options.DataFolder, cancellationToken);
        await user.OwnAsync(passwordFile, cancellationToken);
        List<string> arguments =
        [
            "-D", options.DataFolder, "-U", User, "--auth=scram-sha-256", $"--pwfile={passwordFile}", "--encoding=UTF8", "--locale=C",
            .. options.DataChecksums ? ["--data-checksums"] : Array.Empty<string>(),
            .. options.Fsync ? Array.Empty<string>() : ["--no-sync"],
        ];
        await Processes.RunAsync(WithLibraries(user.Start(binaries.InitDb, arguments), binaries), cancellationToken);
        File.Move(passwordFile, PasswordFileOf(options.DataFolder), overwrite: true);
    }

    private static Process Launched(EmbeddedPostgresOptions options, PostgresBinaries binaries, ServerUser user, int port)
    {
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = "",
            ["fsync"] = options.Fsync ? "on" : "off",
            ["full_page_writes"] = options.Fsync ? "on" : "off",
            ["wal_level"] = "logical",
            ["max_wal_senders"] = "20",
            ["max_replication_slots"] = "20",
            ["restart_after_crash"] = "off",
            ["max_wal_size"] = "4GB",
            ["log_line_prefix"] = "%m [%p] %a ",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        string[] server = [binaries.Postgres, "-D", options.DataFolder, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
        var start = WithLibraries(user.Start("sh", ["-c", Launch, "sh", options.DataFolder, LogFileOf(options.DataFolder), .. server]), binaries);
        if (File.Exists("/usr/bin/setsid"))
        {
            start.ArgumentList.Insert(0, start.FileName);
            start.FileName = "/usr/bin/setsid";
        }

        start.RedirectStandardInput = true;
        return Process.Start(start) ?? throw new InvalidOperationException("Postgres did not start.");
    }

    private async Task<bool> BecomesReadyAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _options.Timeout && !_process.HasExited)
        {
            if (PostmasterFile.Read(_options.DataFolder) is { Ready: true } file && file.ProcessId == ProcessId)
            {
                return true;
            }

            await Task.Delay(10, cancellationToken);
        }

        return false;
    }

    private static ProcessStartInfo WithLibraries(ProcessStartInfo start, PostgresBinaries binaries)
    {
        start.Environment["LD_LIBRARY_PATH"] = binaries.LibraryFolder;
        return start;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    // The server's user may not create a file beside the data folder: the log is made and handed over beforehand.
    private static async Task<long> LogLengthAsync(string dataFolder, ServerUser user, CancellationToken cancellationToken)
    {
        long length;
        await using (var log = File.Open(LogFileOf(dataFolder), FileMode.OpenOrCreate))
        {
            length = log.Length;
        }

        await user.OwnAsync(LogFileOf(dataFolder), cancellationToken);
        return length;
    }

    private static string Said(string dataFolder, long from)
    {
        using var log = File.OpenRead(LogFileOf(dataFolder));
        log.Position = Math.Min(from, log.Length);
        using var reader = new StreamReader(log);
        var text = reader.ReadToEnd();
        return text.Length <= 2000 ? text : text[^2000..];
    }

    private static string LogFileOf(string dataFolder) => dataFolder + ".log";

    private static string PasswordFileOf(string dataFolder) => Path.Combine(dataFolder, "philotes.password");
}

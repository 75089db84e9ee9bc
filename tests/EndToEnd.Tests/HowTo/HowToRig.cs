using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>
/// A pipeline as docs/operations.md sets one up: services that an init system starts, roles of their own and none a superuser, a shop that goes on
/// selling; and a shell in which the commands of the pages are typed.
/// </summary>
internal sealed class HowToRig : IAsyncDisposable
{
    public const string Shop = "shop_howto";
    private const string Password = "geheim";
    private const string BufferName = "philotes";

    private readonly string _folder = Directory.CreateTempSubdirectory("philotes-howto-").FullName;
    private readonly CancellationTokenSource _closing = new();
    private ProgramProcess? _catalog;
    private Task _selling = Task.CompletedTask;

    private HowToRig(PostgresServer secondBuffer)
    {
        SecondBuffer = secondBuffer;
        Source = NpgsqlDataSource.Create(Servers.Source.ConnectionString(Shop));
        Buffer = NpgsqlDataSource.Create(Servers.Buffer.ConnectionString(BufferName));
    }

    public PostgresServer SecondBuffer { get; }

    /// <summary>As a superuser, for what a test makes go wrong.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>As a superuser, to look.</summary>
    public NpgsqlDataSource Buffer { get; set; }

    public static async Task<HowToRig> StartAsync(CancellationToken cancellationToken)
    {
        await OnAsync(Servers.Source, "postgres", Users("shop_owner login", "philotes_src login replication"), $"create database {Shop} owner shop_owner");
        await OnAsync(Servers.Source, Shop, $"grant connect, create on database {Shop} to philotes_src; grant shop_owner to philotes_src");
        await OnAsync(Servers.Source, Shop, "set role shop_owner; create schema shop; create table shop.orders (id int primary key, note text, total numeric(12,2)); create table shop.payments (id int primary key, amount numeric); create table shop.readings (id int primary key, day date)");
        var second = await PostgresServer.StartAsync();
        foreach (var server in new[] { Servers.Buffer, second })
            await OnAsync(server, "postgres",
                Users("philotes_capture", "philotes_writer", "philotes_operator", "philotes_reader"),
                Users("philotes_owner login", "ph_capture login in role philotes_capture", "ph_writer login in role philotes_writer", "ph_operator login in role philotes_operator"),
                $"create database {BufferName} owner philotes_owner");
        var rig = new HowToRig(second);
        await rig.ConfigureAsync(await Servers.Source.CreateDatabaseAsync(), cancellationToken);
        rig._selling = rig.SellAsync();
        return rig;
    }

    /// <summary>Runs a block of a page in its shell; what stands for something in the page is said by <paramref name="meaning"/>, and must be in it.</summary>
    public async Task<(int ExitCode, string Output)> TypeAsync(string block, params (string InPage, string Here)[] meaning)
    {
        foreach (var (inPage, here) in meaning)
        {
            Assert.That(block, Does.Contain(inPage));
            block = block.Replace(inPage, here, StringComparison.Ordinal);
        }

        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", block]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in Environment())
            start.Environment[name] = value;
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        return (shell.ExitCode, await output + await error);
    }

    /// <summary>The same; the test ends if it fails.</summary>
    public async Task<string> DoneAsync(string block, params (string InPage, string Here)[] meaning)
    {
        var (exitCode, output) = await TypeAsync(block, meaning);
        Assert.That(exitCode, Is.Zero, $"{block}{System.Environment.NewLine}{output}{System.Environment.NewLine}{Logs()}");
        return output;
    }

    public void Reconfigure(string before, string after)
    {
        var file = Path.Combine(_folder, "philotes.yaml");
        var text = File.ReadAllText(file);
        Assert.That(text, Does.Contain(before));
        File.WriteAllText(file, text.Replace(before, after, StringComparison.Ordinal));
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public Task UntilAsync(string question, CancellationToken cancellationToken) => Until.TrueAsync(
        async () =>
        {
            await using var command = Buffer.CreateCommand(question);
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        },
        () => question + System.Environment.NewLine + Logs(), cancellationToken);

    /// <summary>Waits until the log of a service has a text.</summary>
    public Task SaysAsync(string service, string text, CancellationToken cancellationToken) =>
        Until.TrueAsync(() => Task.FromResult(Log(service).Contains(text, StringComparison.Ordinal)), Logs, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _selling;
        await TypeAsync("systemctl stop philotes-capture philotes-batch-writer");
        if (_catalog is not null)
            await _catalog.DisposeAsync();
        await Source.DisposeAsync();
        await Buffer.DisposeAsync();
        await OnAsync(Servers.Source, Shop, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'philotes_howto'");
        await SecondBuffer.DisposeAsync();
        _closing.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ConfigureAsync(string catalogConnection, CancellationToken cancellationToken)
    {
        var port = Peers.FreePort();
        var catalog = new NpgsqlConnectionStringBuilder(catalogConnection);
        await File.WriteAllTextAsync(Path.Combine(_folder, "philotes.yaml"), $$$"""
            version: 1
            source:
              name: shop
              connection: { host: 127.0.0.1, port: {{{Servers.Source.Port}}}, database: {{{Shop}}}, user: philotes_src, password: "{{{Password}}}", tls: disable }
              slot: philotes_howto
              publication: { name: philotes_howto }
            buffer:
              connection: { host: 127.0.0.1, port: {{{Servers.Buffer.Port}}}, database: {{{BufferName}}}, user: ph_operator, password: "{{{Password}}}", tls: disable }
            writer: { every: 200ms, lease: 5s, parallelism: 3, memory: 256MiB }
            lake:
              catalog: { uri: "http://127.0.0.1:{{{port}}}" }
            catalog:
              listen: 127.0.0.1:{{{port}}}
              connection: { host: 127.0.0.1, port: {{{catalog.Port}}}, database: {{{catalog.Database}}}, user: {{{catalog.Username}}}, password: "{{{catalog.Password}}}", tls: disable }
              warehouse: "{{{new Uri(Path.Combine(_folder, "warehouse")).AbsoluteUri}}}"
            defaults:
              commit: { min_rows: 5000, max_age: 500ms }
            tables:
              - match: shop.*
              - match: shop.payments
                columns: { amount: { numeric: "decimal(12,0)" } }
              - match: shop.readings
                on_outside: reject
            observability: { capture_listen: "127.0.0.1:0", writer_listen: "127.0.0.1:0", log_format: text }
            """, cancellationToken);
        await WriteProgramsAsync(cancellationToken);
        _catalog = ProgramProcess.Start("Catalog", Path.Combine(_folder, "philotes.yaml"));
        using var http = new HttpClient();
        await Until.TrueAsync(() => AnswersAsync(http, port), () => _catalog.Output, cancellationToken);
        await DoneAsync("PHILOTES__BUFFER__CONNECTION__USER=philotes_owner philotes schema up --yes");
        await DoneAsync("systemctl start philotes-capture philotes-batch-writer");
        await UntilAsync("select count(*) = 3 and bool_and(state = 'active') from philotes.v_copy", cancellationToken);
    }

    private async Task<bool> AnswersAsync(HttpClient http, int port)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/v1/config")), _closing.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!_catalog!.HasExited)
        {
            return false;
        }
    }

    /// <summary><c>philotes</c> on the path, and a <c>systemctl</c> that starts and stops what it is asked to, each under its own user of the buffer.</summary>
    private async Task WriteProgramsAsync(CancellationToken cancellationToken)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        var programs = new Dictionary<string, string>
        {
            ["philotes"] = $"#!/bin/sh\nexec dotnet {Programs.Find("Cli")} \"$@\"\n",
            ["systemctl"] = $$"""
                #!/bin/bash
                verb=$1; shift
                for service in "$@"; do
                  case $service in
                    philotes-capture) program={{Programs.Find("Capture")}}; user=ph_capture;;
                    philotes-batch-writer) program={{Programs.Find("BatchWriter")}}; user=ph_writer;;
                    *) echo "there is no service $service" >&2; exit 5;;
                  esac
                  if [ $verb != start ] && [ -f $service.pid ]; then
                    kill -TERM $(cat $service.pid) 2>/dev/null
                    while kill -0 $(cat $service.pid) 2>/dev/null; do sleep 0.1; done
                    rm $service.pid
                  fi
                  if [ $verb != stop ]; then
                    PHILOTES__BUFFER__CONNECTION__USER=$user DOTNET_TieredPGO=0 setsid dotnet $program >> $service.log 2>&1 < /dev/null &
                    echo $! > $service.pid
                  fi
                done

                """,
        };
        foreach (var (name, script) in programs)
        {
            await File.WriteAllTextAsync(Path.Combine(bin, name), script, cancellationToken);
        }

        await ChildProcess.RunAsync("chmod", ["+x", .. programs.Keys.Select(name => Path.Combine(bin, name))]);
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = $"{Path.Combine(_folder, "bin")}:/usr/lib/postgresql/15/bin:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["PHILOTES_CONFIG"] = Path.Combine(_folder, "philotes.yaml"),
        ["PHILOTES_ACTOR"] = "somebody on call",
        ["PGPASSWORD"] = Password,
    };

    /// <summary>The shop sells while everything else happens.</summary>
    private async Task SellAsync()
    {
        for (var i = 100_000; !_closing.IsCancellationRequested; i++)
        {
            await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"set role shop_owner; insert into shop.orders values ({i}, 'sold', {i % 977} / 100.0); update shop.orders set note = note || '.' where id = {i - 7}; delete from shop.orders where id = {i - 40}; insert into shop.payments values ({i}, {i % 977} / 100.0)"));
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private string Log(string service) => Path.Combine(_folder, $"{service}.log") is var file && File.Exists(file) ? ReadShared(file) : "";

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private string Logs() => string.Join(System.Environment.NewLine, new[] { "philotes-capture", "philotes-batch-writer" }.Select(service => $"{service}: {(Log(service) is { Length: > 4000 } text ? text[^4000..] : Log(service))}"));

    private static string Users(params string[] roles) => string.Join(' ', roles.Select(role =>
        $"do $$ begin create role {role}{(role.Contains("login", StringComparison.Ordinal) ? $" password '{Password}'" : "")}; exception when duplicate_object then null; end $$;"));

    private static async Task OnAsync(PostgresServer server, string database, params string[] statements)
    {
        await using var db = NpgsqlDataSource.Create(server.ConnectionString(database));
        foreach (var statement in statements)
        {
            await using var command = db.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }
}

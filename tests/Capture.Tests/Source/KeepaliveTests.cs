using System.Globalization;
using Npgsql;
using Philotes.Hosting;

namespace Philotes.Capture.Tests.Source;

internal sealed class KeepaliveTests
{
    private const int TicksPerSecond = 100; // of the kernel's clock, as /proc tells times

    /// <summary>Nobody is told when a cable is pulled while a server computes; only the kernel's questions find out.</summary>
    [Test]
    public async Task A_connection_that_is_silent_is_asked_for_after_half_a_minute()
    {
        var given = new NpgsqlConnectionStringBuilder(Servers.Postgres.ConnectionString("postgres"));
        var options = new ConnectionOptions
        {
            Host = given.Host!, Port = given.Port, Database = given.Database!, User = given.Username!, Password = Secret.Inline(given.Password!), Tls = Tls.Disable,
        };
        await using var connection = new NpgsqlConnection(options.ToConnectionString("test"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select inet_client_port()", connection);
        var port = (int)(await command.ExecuteScalarAsync())!;

        var timer = (await TimersAsync()).Single(socket => socket.Local == port && socket.Remote == given.Port);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(timer.Kind, Is.EqualTo(2), "keepalive");
            Assert.That(timer.Seconds, Is.InRange(1, 31));
        }
    }

    /// <summary>Lines of /proc/net/tcp: number, local and remote address, state, queues, kind and time of the timer.</summary>
    private static async Task<IEnumerable<(int Local, int Remote, int Kind, double Seconds)>> TimersAsync() =>
        from line in (await File.ReadAllLinesAsync("/proc/net/tcp")).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let timer = fields[5].Split(':')
        select (Hex(fields[1].Split(':')[1]), Hex(fields[2].Split(':')[1]), Hex(timer[0]), (double)Hex(timer[1]) / TicksPerSecond);

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

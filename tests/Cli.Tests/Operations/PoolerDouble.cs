using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Philotes.Cli.Tests.Operations;

/// <summary>Before a Postgres server what a pooler is to us: it passes ordinary connections on and refuses one that asks for replication, in pgbouncer's words. Without TLS.</summary>
sealed class PoolerDouble : IAsyncDisposable
{
    const int GssEncryption = 80_877_104;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly int _port;
    readonly Task _accepting;

    public PoolerDouble(int serverPort)
    {
        _port = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var from = client.GetStream();
                var startup = await StartupAsync(from);
                if (Encoding.UTF8.GetString(startup).Contains("replication\0", StringComparison.Ordinal))
                {
                    await from.WriteAsync(Refusal(), _stop.Token);
                    return;
                }

                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                var to = server.GetStream();
                await to.WriteAsync(startup, _stop.Token);
                await Task.WhenAny(from.CopyToAsync(to, _stop.Token), to.CopyToAsync(from, _stop.Token));
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client went away, or the test ended.
            }
        }
    }

    async Task<byte[]> StartupAsync(NetworkStream from)
    {
        while (true)
        {
            var length = new byte[4];
            await from.ReadExactlyAsync(length, _stop.Token);
            var packet = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            length.CopyTo(packet, 0);
            await from.ReadExactlyAsync(packet.AsMemory(4), _stop.Token);
            if (BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(4)) != GssEncryption)
                return packet;
            await from.WriteAsync("N"u8.ToArray(), _stop.Token);
        }
    }

    static byte[] Refusal()
    {
        var body = "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: replication\0\0"u8;
        var message = new byte[5 + body.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        body.CopyTo(message.AsSpan(5));
        return message;
    }
}

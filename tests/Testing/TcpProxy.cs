using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Philotes.Testing;

/// <summary>
/// A network between a client and a server that can be cut. Connections are reset, or nothing passes any more in either direction, as behind a firewall that forgot them.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly (string Host, int Port) _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _hung;

    private TcpProxy(string host, int port)
    {
        _server = (host, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Called with what a client sent, after it was passed on.</summary>
    public Func<ReadOnlyMemory<byte>, Task>? Passed { get; set; }

    public static TcpProxy Start(string host, int port) => new(host, port);

    /// <summary>Nothing passes any more, and nobody is told; new connections are taken and hang too.</summary>
    public void Hang() => _hung ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What hung goes on as if it had only been slow.</summary>
    public void GoOn() => Interlocked.Exchange(ref _hung, null)?.TrySetResult();

    /// <summary>Resets every connection; new ones are passed on. Returns how many there were.</summary>
    public int Cut()
    {
        var cut = _sockets.Keys.ToArray();
        foreach (var socket in cut)
        {
            Reset(socket);
        }

        return cut.Length / 2;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        GoOn();
        Cut();
        await Task.WhenAll([_accepting, .. _connections]);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _connections.Add(ConnectAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                (client.NoDelay, server.NoDelay) = (true, true);
                await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                _sockets.TryAdd(client, 0);
                _sockets.TryAdd(server, 0);
                await Task.WhenAll(PumpAsync(client, server, isFromClient: true), PumpAsync(server, client, isFromClient: false));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                Reset(client);
            }

            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isFromClient)
    {
        var bytes = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(bytes, SocketFlags.None) is var count and > 0)
            {
                await (_hung?.Task ?? Task.CompletedTask);
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent, count - sent), SocketFlags.None);
                }

                if (isFromClient && Passed is { } passed)
                {
                    await passed(bytes.AsMemory(0, count));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Reset(from);
            Reset(to);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }
}

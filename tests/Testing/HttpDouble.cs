using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Philotes.Testing;

/// <summary>A small HTTP server whose answers a test writes; the way to an identity provider, a signer or a catalog that behaves as we want. One request a connection.</summary>
public sealed class HttpDouble : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    readonly ConcurrentBag<Task> _connections = [];
    readonly Func<ProxiedRequest, Task<HttpDoubleReply>> _answer;
    readonly X509Certificate2? _certificate;
    readonly Task _accepting;

    HttpDouble(Func<ProxiedRequest, Task<HttpDoubleReply>> answer, X509Certificate2? certificate)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        var scheme = certificate is null ? "http" : "https";
        Uri = new Uri($"{scheme}://{(certificate is null ? "127.0.0.1" : "localhost")}:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Uri { get; }

    /// <summary>Every request that arrived, in order.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    public static HttpDouble Start(Func<ProxiedRequest, HttpDoubleReply> answer) => new(request => Task.FromResult(answer(request)), certificate: null);

    public static HttpDouble Start(Func<ProxiedRequest, Task<HttpDoubleReply>> answer) => new(answer, certificate: null);

    public static HttpDouble StartTls(X509Certificate2 certificate, Func<ProxiedRequest, HttpDoubleReply> answer) => new(request => Task.FromResult(answer(request)), certificate);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await StreamAsync(client);
                await using var buffered = new BufferedStream(stream);
                if (await ProxyWire.ReadAsync(buffered, _stop.Token) is { } request)
                {
                    _requests.Enqueue(request);
                    var reply = await _answer(request);
                    var body = Encoding.UTF8.GetBytes(reply.Body);
                    await ProxyWire.WriteAsync(buffered, reply.Status, [new("Content-Type", reply.ContentType), .. reply.Headers], body, body.Length, _stop.Token);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or HttpRequestException)
            {
                // The client went away or refused our certificate, or the test ended.
            }
        }
    }

    async Task<Stream> StreamAsync(TcpClient client)
    {
        if (_certificate is null)
        {
            return client.GetStream();
        }

        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return tls;
    }
}

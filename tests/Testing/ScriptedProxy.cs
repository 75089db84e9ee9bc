using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Philotes.Testing;

/// <summary>
/// A real HTTP server between a client and a server that loses, delays, cuts and forges by script. Without a script it passes everything on. Faults
/// are taken in order: the first one whose condition holds for a request is used up by it.
/// </summary>
public sealed class ScriptedProxy : IAsyncDisposable
{
    static readonly HashSet<string> OwnHeaders =
        new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect", "Keep-Alive" };

    const int RequestsKept = 20_000;

    readonly Uri _upstream;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    readonly ConcurrentQueue<ProxiedRequest> _held = new();
    readonly List<(Func<ProxiedRequest, bool> When, ProxyFault Fault)> _script = [];
    readonly ConcurrentBag<Task> _connections = [];
    readonly Task _accepting;
    readonly bool _keepHost;
    int _faults;

    ScriptedProxy(Uri upstream, bool keepHost)
    {
        _keepHost = keepHost;
        _upstream = upstream;
        _listener.Start();
        Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Uri { get; }

    /// <summary>The last 20,000 requests that arrived, in order.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    /// <summary>Asked for every request that no script takes; null passes it on. Called by many connections at once.</summary>
    public Func<ProxiedRequest, ProxyFault?>? Weather { get; set; }

    /// <summary>Requests that met a fault so far.</summary>
    public int FaultCount => Volatile.Read(ref _faults);

    public static ScriptedProxy Start(Uri upstream) => new(upstream, keepHost: false);

    /// <summary>Passes the Host header on as it came, because it is signed: for stores.</summary>
    public static ScriptedProxy StartBeforeStore(Uri upstream) => new(upstream, keepHost: true);

    /// <summary>The next request for which the condition holds meets this fault; every request when there is no condition.</summary>
    public void Script(ProxyFault fault, Func<ProxiedRequest, bool>? when = null)
    {
        lock (_script)
        {
            _script.Add((when ?? (_ => true), fault));
        }
    }

    /// <summary>As <see cref="Script"/>, for POST requests only: commits and creates.</summary>
    public void ScriptPost(ProxyFault fault) => Script(fault, request => request.Method == "POST");

    /// <summary>Delivers what <see cref="ProxyFault.Hold"/> kept, in order; returns the status of each reply.</summary>
    public async Task<IReadOnlyList<int>> ReleaseHeldAsync()
    {
        var statuses = new List<int>();
        while (_held.TryDequeue(out var request))
        {
            statuses.Add((await ForwardAsync(request, _stop.Token)).Status);
        }

        return statuses;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _http.Dispose();
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
                await using var stream = new BufferedStream(client.GetStream());
                if (await ProxyWire.ReadAsync(stream, _stop.Token) is { } request)
                {
                    _requests.Enqueue(request);
                    if (_requests.Count > RequestsKept)
                    {
                        _requests.TryDequeue(out _);
                    }

                    var fault = Next(request) ?? Weather?.Invoke(request);
                    if (fault is not null)
                    {
                        Interlocked.Increment(ref _faults);
                    }

                    await PlayAsync(stream, request, fault, _stop.Token);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or HttpRequestException)
            {
                // The client went away, the server did, or the test ended: the connection closes, which is what a broken proxy does.
            }
        }
    }

    ProxyFault? Next(ProxiedRequest request)
    {
        lock (_script)
        {
            var index = _script.FindIndex(step => step.When(request));
            if (index < 0)
            {
                return null;
            }

            var fault = _script[index].Fault;
            _script.RemoveAt(index);
            return fault;
        }
    }

    async Task PlayAsync(Stream stream, ProxiedRequest request, ProxyFault? fault, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case ProxyFault.AnswerInstead answer:
                await AnswerAsync(stream, answer.Status, answer.Body, [new("Content-Type", answer.ContentType), .. answer.Headers], cancellationToken);
                break;
            case ProxyFault.DropRequest:
                break;
            case ProxyFault.Hold:
                _held.Enqueue(request);
                break;
            case ProxyFault.DropReply:
                await ForwardAsync(request, cancellationToken);
                break;
            case ProxyFault.ForwardThenAnswer answer:
                await ForwardAsync(request, cancellationToken);
                await AnswerAsync(stream, answer.Status, answer.Body, [new("Content-Type", answer.ContentType)], cancellationToken);
                break;
            default:
                await PassAsync(stream, request, fault, cancellationToken);
                break;
        }
    }

    async Task PassAsync(Stream stream, ProxiedRequest request, ProxyFault? fault, CancellationToken cancellationToken)
    {
        if (fault is ProxyFault.Delay delay)
        {
            await Task.Delay(delay.Wait, TimeProvider.System, cancellationToken);
        }

        if (fault is ProxyFault.DeliverTwice)
        {
            await ForwardAsync(request, cancellationToken);
        }

        var (status, headers, body, length) = await ForwardAsync(request, cancellationToken);
        if (fault is ProxyFault.Meanwhile meanwhile)
        {
            await meanwhile.What();
        }

        if (fault is ProxyFault.EditReply edit)
        {
            body = Encoding.UTF8.GetBytes(edit.Edit(Encoding.UTF8.GetString(body)));
            length = body.Length;
        }

        var sent = fault switch
        {
            ProxyFault.CutReply cut => Math.Min(cut.BodyBytes, body.Length),
            ProxyFault.ShortenReply shorten => Math.Min(shorten.BodyBytes, body.Length),
            _ => body.Length,
        };
        await ProxyWire.WriteAsync(stream, status, headers, body.AsMemory(0, sent), fault is ProxyFault.ShortenReply ? sent : length, cancellationToken);
    }

    static Task AnswerAsync(Stream stream, int status, string text, KeyValuePair<string, string>[] headers, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return ProxyWire.WriteAsync(stream, status, headers, body, body.Length, cancellationToken);
    }

    /// <summary>The length is what the server announced, which for a HEAD is not that of the body.</summary>
    async Task<(int Status, List<KeyValuePair<string, string>> Headers, byte[] Body, long Length)> ForwardAsync(ProxiedRequest request, CancellationToken cancellationToken)
    {
        var target = new Uri(_upstream.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target);
        message.Content = request.Body.Length > 0 || request.Method is "PUT" or "POST" ? new ByteArrayContent(request.Body) : null;
        message.Headers.Host = _keepHost ? request.Headers.GetValueOrDefault("Host") : null;
        foreach (var (name, value) in request.Headers.Where(header => !OwnHeaders.Contains(header.Key)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var reply = await _http.SendAsync(message, cancellationToken);
        var headers = reply.Headers.NonValidated.Concat(reply.Content.Headers.NonValidated)
            .Where(header => !OwnHeaders.Contains(header.Key))
            .Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))
            .ToList();
        var body = await reply.Content.ReadAsByteArrayAsync(cancellationToken);
        return ((int)reply.StatusCode, headers, body, body.Length > 0 ? body.Length : reply.Content.Headers.ContentLength ?? 0);
    }
}

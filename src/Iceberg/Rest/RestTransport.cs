using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Philotes.Iceberg.Storage;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// Sends one request: follows no redirect, keeps no cookies, reads the whole body within one deadline and one size limit. Every
/// failure of the way there and back is an answer (<see cref="RestAnswer.Silent"/>); only the caller's own cancellation is an exception. Nothing is repeated but
/// what the catalog refused unread because its proof had ended (401, 419): that goes out once more, byte for byte, with a fresh one.
/// </summary>
internal sealed class RestTransport : IDisposable
{
    readonly RestCatalogOptions _options;
    readonly HttpClient _http;
    readonly RestAuthorization? _authorization;

    public RestTransport(RestCatalogOptions options)
    {
        _options = options;
        _http = new HttpClient(options.Handler ?? Network(options)) { Timeout = Timeout.InfiniteTimeSpan };
        _authorization = RestAuthorization.Of(options, _http);
    }

    public void Dispose()
    {
        _authorization?.Dispose();
        _http.Dispose();
    }

    public async Task<RestAnswer> SendAsync(RestCall call, CancellationToken cancellationToken)
    {
        var answer = await SendOnceAsync(call, cancellationToken);
        if (answer is not RestAnswer.Replied { Reply.Status: 401 or 419 })
        {
            return answer;
        }

        _authorization?.Refused();
        return await SendOnceAsync(call, cancellationToken);
    }

    static SocketsHttpHandler Network(RestCatalogOptions options)
    {
        var handler = TrustedRoots.Handler(options.RootCertificate, options.ConnectTimeout);
        handler.AutomaticDecompression = DecompressionMethods.All;
        return handler;
    }

    async Task<RestAnswer> SendOnceAsync(RestCall call, CancellationToken cancellationToken)
    {
        using var request = Request(call);
        if (_authorization is not null && await _authorization.AuthorizeAsync(request, call.Body ?? default, cancellationToken) is { } notSent)
        {
            return notSent;
        }

        var started = Stopwatch.GetTimestamp();
        var answer = await RestExchange.SendAsync(_http, request, _options, _options.ReplyBytesMax, cancellationToken);
        RequestMetrics.Catalog(call.Verb, (answer as RestAnswer.Replied)?.Reply.Status, started);
        return answer;
    }

    HttpRequestMessage Request(RestCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.Uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in _options.Headers.Concat(call.Headers))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (call.Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }
}

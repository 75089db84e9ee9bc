using System.Diagnostics;
using Amazon.Runtime;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>One HTTP client for all stores that are reached in the same way: the SDK would make one for each.</summary>
internal sealed class S3HttpClients(S3Options options) : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http =
        new(new Counted { InnerHandler = TrustedRoots.Handler(options.RootCertificate, ConnectTimeout) }) { Timeout = options.Timeout };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _http;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _http.Dispose();

    /// <summary>Sends the body at once, and counts.</summary>
    private sealed class Counted : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = false;
            var started = Stopwatch.GetTimestamp();
            int? status = null;
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                status = (int)response.StatusCode;
                return response;
            }
            finally
            {
                RequestMetrics.Store(request.Method.Method.ToLowerInvariant(), status, started);
            }
        }
    }
}

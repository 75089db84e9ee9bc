using Amazon.Runtime;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>One HTTP client for all stores that are reached in the same way: the SDK would make one for each.</summary>
internal sealed class S3HttpClients(S3Options options) : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http =
        new(new BodyAtOnce { InnerHandler = TrustedRoots.Handler(options.RootCertificate, ConnectTimeout) }) { Timeout = options.Timeout };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _http;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _http.Dispose();

    private sealed class BodyAtOnce : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = false;
            return base.SendAsync(request, cancellationToken);
        }
    }
}

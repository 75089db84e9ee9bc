using System.Net;
using System.Net.Http.Headers;

namespace Philotes.SqlCatalog;

/// <summary>Takes the place of the network under an HTTP client: its requests are answered by a catalog inside this process. Disposing ends the catalog's connections.</summary>
public sealed class InProcessHandler(CatalogDatabase catalog, TimeProvider time) : HttpMessageHandler
{
    /// <summary>For clients that want an address. Nothing is ever sent there.</summary>
    public static Uri Address { get; } = new("http://in-process.invalid");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var tag = request.Headers.NonValidated.TryGetValues("If-None-Match", out var values) ? values.ToString() : null;
        var answer = await catalog.AnswerAsync(request.Method.Method, request.RequestUri!.PathAndQuery, tag, body, cancellationToken);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = new ReadOnlyMemoryContent(answer.Body ?? default) };
        response.Headers.Date = time.GetUtcNow();
        if (answer.Body is not null)
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (answer.ETag is not null)
            response.Headers.TryAddWithoutValidation("ETag", answer.ETag);
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            catalog.Dispose();
        base.Dispose(disposing);
    }
}

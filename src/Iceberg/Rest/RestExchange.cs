using System.Net.Http.Headers;

namespace Philotes.Iceberg.Rest;

/// <summary>One request there and its whole reply back, within a deadline and a size; whatever goes wrong on the way is an answer.</summary>
internal static class RestExchange
{
    /// <param name="secrets">What of the request's body no error may repeat.</param>
    public static async Task<RestAnswer> SendAsync(
        HttpClient http, HttpRequestMessage request, RestCatalogOptions options, long replyBytesMax, CancellationToken cancellationToken, params IReadOnlyList<string> secrets)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadBodyAsync(response.Content, replyBytesMax, either.Token);
            return new RestAnswer.Replied(RestProof.TakeOut(Reply(response, body, options.Clock), request, secrets));
        }
        catch (OperationCanceledException silence) when (!cancellationToken.IsCancellationRequested)
        {
            return new RestAnswer.Silent($"No complete reply within {options.Timeout.TotalSeconds:0.#} s.", silence);
        }
        catch (HttpRequestException failure)
        {
            return new RestAnswer.Silent($"The connection failed ({failure.HttpRequestError}).", failure);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            return new RestAnswer.Silent("The reply broke off or could not be read.", failure);
        }
    }

    static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, long bytesMax, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var block = new byte[81920];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        for (int read; (read = await stream.ReadAsync(block, cancellationToken)) > 0;)
        {
            body.Write(block, 0, read);
            if (body.Length > bytesMax)
            {
                throw new InvalidDataException($"The reply is larger than {bytesMax} bytes.");
            }
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    static RestReply Reply(HttpResponseMessage response, ReadOnlyMemory<byte> body, TimeProvider clock) => new(
        (int)response.StatusCode,
        body,
        response.Content.Headers.ContentType?.MediaType ?? "no content type",
        response.Headers.Date,
        ETag(response),
        RetryAfter(response.Headers.RetryAfter, clock.GetUtcNow()),
        response.Headers.NonValidated.TryGetValues("Location", out var locations) ? locations.ToString() : null);

    /// <summary>
    /// Raw: the reference server sends its ETag without quotes, which the typed header drops. Its compression adds a suffix to the tag that it does not
    /// know again when the tag comes back.
    /// </summary>
    static string? ETag(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues("ETag", out var tags))
        {
            return null;
        }

        var tag = tags.ToString();
        return tag.EndsWith("--gzip", StringComparison.Ordinal) ? tag[..^"--gzip".Length] : tag;
    }

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) => header switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } when date > now => date - now,
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };
}

using System.Globalization;
using Amazon.Runtime;

namespace Philotes.Iceberg.Rest;

/// <summary>Signs each request with the keys of the moment. A bearer token that is there already moves to <c>Original-Authorization</c>.</summary>
internal sealed class SigV4Authorization(RestAuth.SigV4 options, AWSCredentials credentials, TimeProvider clock) : RestAuthorization
{
    public override async Task<RestAnswer?> AuthorizeAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        ImmutableCredentials keys;
        try
        {
            keys = await credentials.GetCredentialsAsync();
        }
        catch (Exception none) when (none is AmazonClientException or AmazonServiceException or HttpRequestException)
        {
            return new RestAnswer.Silent("No AWS credentials could be had to sign the request.", none);
        }

        var bodyHash = SigV4.Hash(body.Span);
        var time = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.RequestUri!.IsDefaultPort ? request.RequestUri.Host : request.RequestUri.Authority,
            ["x-amz-content-sha256"] = bodyHash,
            ["x-amz-date"] = time,
        };
        if (!string.IsNullOrEmpty(keys.Token))
        {
            headers["x-amz-security-token"] = keys.Token;
        }

        var signature = SigV4.Authorization(request.Method.Method, request.RequestUri, headers, bodyHash, options.Service, options.Region, keys.AccessKey, keys.SecretKey);
        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Headers.NonValidated.TryGetValues("Authorization", out var original))
        {
            request.Headers.TryAddWithoutValidation("Original-Authorization", original.ToString());
            request.Headers.Remove("Authorization");
        }

        request.Headers.TryAddWithoutValidation("Authorization", signature);
        return null;
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Philotes.Testing;

/// <summary>
/// Signature Version 4 as a server computes it from the bytes that arrived, written from AWS's description and apart from the product's own: it
/// verifies what clients send, and signs for clients that have no keys.
/// </summary>
public static class AwsSignature
{
    /// <summary>Null when the signature is right; else what is wrong.</summary>
    public static string? Fault(ProxiedRequest request, string accessKey, string secretKey, string service, string region)
    {
        if (!request.Headers.TryGetValue("Authorization", out var header) || !header.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
        {
            return "no signature";
        }

        var parts = header["AWS4-HMAC-SHA256 ".Length..].Split(',').Select(part => part.Trim().Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var date = request.Headers["x-amz-date"];
        var body = Hex(SHA256.HashData(request.Body));
        if (request.Headers["x-amz-content-sha256"] != body)
        {
            return "the body is not the one that was signed";
        }

        if (parts["Credential"] != $"{accessKey}/{date[..8]}/{region}/{service}/aws4_request")
        {
            return $"credential {parts["Credential"]}";
        }

        var names = parts["SignedHeaders"].Split(';');
        var missing = new[] { "host", "x-amz-date", "x-amz-content-sha256" }.Concat(request.Headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal))).Except(names).ToList();
        if (missing.Count > 0)
        {
            return $"not signed: {string.Join(", ", missing)}";
        }

        var expected = Of(request.Method, request.Target, names.ToDictionary(name => name, name => request.Headers[name]), body, secretKey, service, region, encodePathTwice: service != "s3");
        return parts["Signature"] == expected ? null : "the signature does not fit the request";
    }

    /// <param name="target">Path and query as they are sent.</param>
    public static string Of(
        string method, string target, IReadOnlyDictionary<string, string> signedHeaders, string bodyHash, string secretKey, string service, string region, bool encodePathTwice)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        var query = question < 0 ? [] : target[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries);
        var headers = signedHeaders.OrderBy(header => header.Key, StringComparer.Ordinal).ToList();
        var canonical = new StringBuilder().Append(method).Append('\n')
            .Append(encodePathTwice ? path.Replace("%", "%25", StringComparison.Ordinal) : path).Append('\n')
            .AppendJoin('&', query.Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal)).Append('\n');
        foreach (var (name, value) in headers)
        {
            canonical.Append(name).Append(':').Append(value.Trim()).Append('\n');
        }

        canonical.Append('\n').AppendJoin(';', headers.Select(header => header.Key)).Append('\n').Append(bodyHash);
        var date = signedHeaders["x-amz-date"];
        var text = $"AWS4-HMAC-SHA256\n{date}\n{date[..8]}/{region}/{service}/aws4_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var step in new[] { date[..8], region, service, "aws4_request", text })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Hex(key);
    }

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}

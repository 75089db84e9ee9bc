using System.Security.Cryptography;
using System.Text;

namespace Philotes.Iceberg.Rest;

// Signature Version 4 (AWS documentation, "Create a signed AWS API request"). Four steps, each a pure function of the one before:
//
//   canonical request   method \n path \n query \n headers \n\n names of the headers \n hash of the body
//   string to sign      AWS4-HMAC-SHA256 \n time \n date/region/service/aws4_request \n hash of the canonical request
//   key                 HMAC chain over date, region, service and aws4_request, begun with AWS4 + secret
//   header              Credential=…, SignedHeaders=…, Signature=…
//
// The path is the one that is sent, every segment of it encoded once more: that is what every service but S3 computes.
internal static class SigV4
{
    const string Algorithm = "AWS4-HMAC-SHA256";

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The value of the Authorization header.</summary>
    /// <param name="headers">Those that are signed, by lower-case name: host and x-amz-date at least.</param>
    /// <param name="bodyHash">Of <see cref="Hash"/>.</param>
    public static string Authorization(
        string method, Uri uri, SortedDictionary<string, string> headers, string bodyHash, string service, string region, string accessKey, string secretKey)
    {
        var names = string.Join(';', headers.Keys);
        var canonical = $"{method}\n{Path(uri)}\n{Query(uri)}\n{string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n"))}\n{names}\n{bodyHash}";
        var time = headers["x-amz-date"];
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var key = Key(secretKey, time[..8], region, service);
        return $"{Algorithm} Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={Convert.ToHexStringLower(Mac(key, toSign))}";
    }

    static string Path(Uri uri)
    {
        var path = uri.AbsolutePath;
        return path.Length == 0 ? "/" : string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
    }

    /// <summary>Names and values are encoded in the address already; they are only put in order.</summary>
    static string Query(Uri uri) => string.Join('&', uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
        .Order(StringComparer.Ordinal));

    static byte[] Key(string secretKey, string date, string region, string service) =>
        Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + secretKey), date), region), service), "aws4_request");

    static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}

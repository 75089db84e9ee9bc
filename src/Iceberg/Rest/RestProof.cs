using System.Text;
using System.Text.Json;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// Some servers repeat what they refused, proof and all, in the words of their error; and errors are shown, logged and written down. What went out as proof is
/// taken out of such a reply before anybody reads it.
/// </summary>
internal static class RestProof
{
    const int LengthMin = 6;
    const string Mask = "***";
    static readonly string[] Headers = ["Authorization", "Original-Authorization", "x-amz-security-token"];

    /// <param name="others">Secrets in the request's body.</param>
    public static RestReply TakeOut(RestReply reply, HttpRequestMessage request, IReadOnlyList<string> others)
    {
        if (reply.IsSuccess)
        {
            return reply;
        }

        var proofs = Headers.SelectMany(name => request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString().Split(' ')[^1..] : [])
            .Concat(others).Where(proof => proof.Length >= LengthMin).SelectMany(Spellings).Distinct().OrderByDescending(proof => proof.Length).ToList();
        var text = Encoding.UTF8.GetString(reply.Body.Span);
        return proofs.Exists(proof => text.Contains(proof, StringComparison.Ordinal) || reply.RedirectedTo?.Contains(proof, StringComparison.Ordinal) == true)
            ? reply with { Body = Encoding.UTF8.GetBytes(Without(text, proofs)), RedirectedTo = reply.RedirectedTo is { } target ? Without(target, proofs) : null }
            : reply;
    }

    /// <summary>As it is, in a URL, in JSON.</summary>
    static IEnumerable<string> Spellings(string proof) => [proof, Uri.EscapeDataString(proof), JsonEncodedText.Encode(proof).ToString()];

    static string Without(string text, List<string> proofs) => proofs.Aggregate(text, (rest, proof) => rest.Replace(proof, Mask, StringComparison.Ordinal));
}

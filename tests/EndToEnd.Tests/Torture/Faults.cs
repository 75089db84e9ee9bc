using Philotes.Testing;

namespace Philotes.EndToEnd.Tests.Torture;

/// <summary>What catalogs, stores and everything in front of them do at times. Nothing here says that a change was made which was not: no client could survive that.</summary>
internal static class Faults
{
    private const string Page = "<html><body>gateway</body></html>";
    private static readonly int[] CatalogRefusals = [400, 401, 403, 409, 419];
    private static readonly int[] Failures = [429, 500, 502, 503, 504];
    private static readonly int[] StoreRefusals = [400, 403, 404, 408];

    /// <summary>A load that answers 404 is left out: it says that the table was dropped, which stops the table rightly.</summary>
    public static ProxyFault OfCatalog(Random random, ProxiedRequest request) => random.Next(16) switch
    {
        0 => new ProxyFault.AnswerInstead(request.Method == "POST" && random.Next(4) == 0 ? 404 : Any(random, CatalogRefusals), Error()),
        1 => new ProxyFault.AnswerInstead(Any(random, CatalogRefusals), Error()),
        2 => new ProxyFault.ForwardThenAnswer(random.Next(2) == 0 ? 409 : 400, Error()),
        3 => new ProxyFault.ForwardThenAnswer(200, "{}"),
        _ => OfAny(random, Error()),
    };

    public static ProxyFault OfStore(Random random, ProxiedRequest request) => random.Next(12) switch
    {
        0 => new ProxyFault.AnswerInstead(request.Method == "PUT" ? Any(random, StoreRefusals) : 400),
        _ => OfAny(random, ""),
    };

    private static ProxyFault OfAny(Random random, string body) => random.Next(13) switch
    {
        0 => new ProxyFault.AnswerInstead(Any(random, Failures), body),
        1 => new ProxyFault.AnswerInstead(random.Next(2) == 0 ? 429 : 503, body) { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } },
        2 => new ProxyFault.AnswerInstead(502, Page, "text/html"),
        3 => new ProxyFault.ForwardThenAnswer(Any(random, Failures), body),
        4 => new ProxyFault.ForwardThenAnswer(200, Page, "text/html"),
        5 => new ProxyFault.DropRequest(),
        6 => new ProxyFault.DropReply(),
        7 => new ProxyFault.CutReply(random.Next(400)),
        8 => new ProxyFault.ShortenReply(random.Next(400)),
        9 => new ProxyFault.DeliverTwice(),
        10 => new ProxyFault.Delay(TimeSpan.FromMilliseconds(random.Next(100, 4_000))),
        // Longer than the client waits, and than its lease: it lands when nobody expects it any more.
        11 => new ProxyFault.Delay(TimeSpan.FromSeconds(random.Next(6, 25))),
        _ => new ProxyFault.Hold(),
    };

    private static int Any(Random random, int[] statuses) => statuses[random.Next(statuses.Length)];

    private static string Error() => """{"error":{"message":"by script","type":"Scripted","code":0}}""";
}

using Philotes.Iceberg.Rest;

namespace Philotes.Iceberg.Tests.Rest;

public sealed class RestRoutesTests
{
    static readonly Uri Base = new("http://catalog.example/iceberg/");

    [TestCase(null, "")]
    [TestCase("main", "main/")]
    [TestCase("main|warehouse", "main%7Cwarehouse/")]
    [TestCase("catalogs/123", "catalogs/123/")]
    [TestCase("arn%3Aaws%3As3tables%2Fbucket", "arn%3Aaws%3As3tables%2Fbucket/")]
    [TestCase("/ws/", "ws/")]
    public void A_prefix_is_encoded_once(string? prefix, string expected) =>
        Assert.That(Of(prefix, "\u001F").Transaction().AbsoluteUri, Is.EqualTo($"http://catalog.example/iceberg/v1/{expected}transactions/commit"));

    [TestCase("orders", "orders")]
    [TestCase("a/b", "a%2Fb")]
    [TestCase("a%b", "a%25b")]
    [TestCase("a b+c", "a%20b%2Bc")]
    [TestCase("..", "%2E%2E")]
    [TestCase("é", "%C3%A9")]
    public void A_name_never_becomes_a_path(string name, string expected) =>
        Assert.That(Of(null, "\u001F").Table(new TableIdentifier(new NamespaceName("x", "y"), name)).OriginalString,
            Is.EqualTo($"http://catalog.example/iceberg/v1/namespaces/x%1Fy/tables/{expected}"));

    [Test]
    public void The_separator_is_encoded_in_a_path_and_plain_before_encoding_in_a_query()
    {
        var routes = Of(null, ".");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(routes.Namespace(new NamespaceName("x", "y")).OriginalString, Does.EndWith("/namespaces/x%2Ey"));
            Assert.That(routes.Namespaces(new NamespaceName("x", "y z"), "").OriginalString, Does.EndWith("/namespaces?parent=x.y%20z&pageToken="));
        }
    }

    static RestRoutes Of(string? prefix, string separator) => new(Base, prefix, separator);
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>10,000 hostile names through whatever makes a URL, a path, JSON or Avro of them.</summary>
public sealed partial class HostileNamesTests
{
    static readonly IReadOnlyList<string> Names = HostileNames.Of(seed: 6, count: 10_000);
    static readonly Uri Catalog = new("http://catalog.example/base");

    [TestCase("\u001F")]
    [TestCase(".")]
    public void A_name_is_one_segment_of_a_catalogs_URL_and_comes_back_from_it(string separator)
    {
        var routes = new RestRoutes(Catalog, "main", separator);
        foreach (var (name, level) in Names.Zip(Names.Reverse()))
        {
            var uri = routes.Table(new TableIdentifier(new NamespaceName("s", level), name)).OriginalString;
            var segments = uri["http://catalog.example".Length..].Split('/');
            Assert.That(segments, Has.Length.EqualTo(8), uri);
            Assert.That(segments[..5], Is.EqualTo(new[] { "", "base", "v1", "main", "namespaces" }));
            Assert.That(Uri.UnescapeDataString(segments[7]), Is.EqualTo(name));
            Assert.That(UrlSegment().IsMatch(segments[5]) && UrlSegment().IsMatch(segments[7]), Is.True, uri);
            Assert.That(segments[7], Is.Not.EqualTo(".").And.Not.EqualTo(".."));
            Assert.That(Uri.UnescapeDataString(segments[5]), Is.EqualTo("s" + separator + level));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_name_sent_over_a_real_connection_arrives_as_it_was(CancellationToken cancellationToken)
    {
        await using var server = HttpDouble.Start(request => request.Target.StartsWith("/v1/config", StringComparison.Ordinal)
            ? new HttpDoubleReply(200, """{"defaults":{},"overrides":{}}""")
            : new HttpDoubleReply(404, """{"error":{"message":"no","type":"NoSuchTableException","code":404}}"""));
        using var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = server.Uri }, cancellationToken);
        var names = Names.Take(300).ToList();
        foreach (var name in names)
            Assert.That(await catalog.FindTableAsync(new TableIdentifier(new NamespaceName(name), name), cancellationToken), Is.Null);
        Assert.That(server.Requests.Skip(1).Select(request => request.Target.Split('/')).Select(path => (path.Length, Uri.UnescapeDataString(path[3]), Uri.UnescapeDataString(path[5]))),
            Is.EqualTo(names.Select(name => (6, name, name))));
    }

    [Test]
    public void A_name_in_a_partitions_path_is_one_step_of_it()
    {
        foreach (var name in Names)
        {
            var step = PartitionPathText.Escape(name) + "=" + PartitionPathText.Escape(name);
            Assert.That(step, Does.Not.Contain('/').And.Not.Contain('\\'));
            Assert.That(step.Any(char.IsControl), Is.False);
            Assert.That(S3Name.Parse($"s3://bucket/table/{step}/file").Key, Is.EqualTo($"table/{step}/file"));
            Assert.That(Uri.UnescapeDataString(step.Replace('+', ' ')), Is.EqualTo($"{name}={name}"));
        }
    }

    [Test]
    public void A_name_that_is_no_key_of_an_object_is_refused_and_never_another_objects()
    {
        foreach (var name in Names)
        {
            try
            {
                Assert.That(S3Name.Parse($"s3://bucket/{name}"), Is.EqualTo(new S3Name("bucket", name)));
                Assert.That(name.Split('/'), Has.None.EqualTo("..").And.None.EqualTo(".").And.None.EqualTo(""));
            }
            catch (ObjectStoreException refused)
            {
                Assert.That(refused.Failure, Is.EqualTo(ObjectStoreFailure.InvalidName));
            }
        }
    }

    [Test]
    public void A_name_is_the_same_in_requests_and_in_metadata()
    {
        foreach (var name in Names)
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
                new TableUpdate.SetProperties(new Dictionary<string, string> { [name] = name }).Write(json);
            var property = JsonElement.Parse(buffer.ToArray()).GetProperty("updates").EnumerateObject().Single();
            Assert.That((property.Name, property.Value.GetString()), Is.EqualTo((name, name)));
        }
    }

    [Test]
    public void A_name_in_Avro_is_one_that_Avro_takes()
    {
        foreach (var name in Names)
            Assert.That(AvroNames().IsMatch(AvroName.Sanitize(name)), Is.True, AvroName.Sanitize(name));
    }

    [GeneratedRegex(@"\A(?:[A-Za-z0-9_.~-]|%[0-9A-F]{2})+\z")]
    private static partial Regex UrlSegment();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex AvroNames();
}

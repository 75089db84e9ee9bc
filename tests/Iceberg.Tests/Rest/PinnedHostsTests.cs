using Philotes.Iceberg.Rest;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>Where a catalog's answers may send requests, and where they may not.</summary>
public sealed class PinnedHostsTests
{
    private static readonly PinnedHosts Hosts = new(new Uri("https://catalog.example/iceberg"), ["signer.example"], new Uri("https://store.example:9000"));

    [TestCase("v1/aws/s3/sign", "https://catalog.example/iceberg/v1/aws/s3/sign")]
    [TestCase("/v1/sign", "https://catalog.example/v1/sign")]
    [TestCase("https://catalog.example:444/x", "https://catalog.example:444/x")]
    [TestCase("https://signer.example/x", "https://signer.example/x")]
    [TestCase("https://store.example/x", "https://store.example/x")]
    public void Our_own_proof_goes_to_hosts_that_the_configuration_names(string address, string expected) =>
        Assert.That(Hosts.Own(address, "the signer").AbsoluteUri, Is.EqualTo(expected));

    [TestCase("https://elsewhere.example/x")]
    [TestCase("http://catalog.example/x")]
    [TestCase("https://user:password@catalog.example/x")]
    [TestCase("ftp://catalog.example/x")]
    [TestCase("http://169.254.169.254/latest")]
    [TestCase("//elsewhere.example/x")]
    public void Our_own_proof_goes_nowhere_else(string address) =>
        Assert.That(() => Hosts.Own(address, "the signer"), Throws.TypeOf<CatalogConfigurationException>());

    [TestCase("https://s3.eu-west-1.amazonaws.com")]
    [TestCase("http://minio.internal:9000")]
    [TestCase("http://10.0.0.7:9000")]
    public void Keys_that_the_catalog_handed_out_go_where_it_says(string address) => Assert.That(Hosts.Granted(address, "the store").Host, Is.Not.Empty);

    [TestCase("http://169.254.169.254")]
    [TestCase("http://[fe80::1]:80")]
    [TestCase("http://[::ffff:169.254.169.254]")]
    [TestCase("http://[fd00:ec2::254]")]
    [TestCase("http://127.0.0.1:9000")]
    [TestCase("http://localhost:9000")]
    [TestCase("http://metadata.google.internal")]
    [TestCase("http://2852039166")]
    public void But_never_to_where_a_cloud_keeps_the_machines_own(string address) =>
        Assert.That(() => Hosts.Granted(address, "the store"), Throws.TypeOf<CatalogConfigurationException>());
}

namespace Philotes.Hosting.Tests.Configuration;

/// <summary>What the keys of catalog and store must say together, each refused at the key to change.</summary>
public sealed class LakeChecksTests
{
    [TestCase("catalog: { warehouse: w }", "lake.catalog.uri")]
    [TestCase("catalog: { uri: 'https://user:password@c' }", "lake.catalog.uri")]
    [TestCase("catalog: { uri: 'http://catalog.internal' }", "lake.catalog.uri")]
    [TestCase("catalog: { type: sql, warehouse: 's3://b/w' }", "lake.catalog.connection")]
    [TestCase("catalog: { type: sql, warehouse: main, connection: { host: a, database: b, user: c } }", "lake.catalog.warehouse")]
    [TestCase("catalog: { uri: 'https://c', auth: { bearer: '${env:SRC}', oauth2: { client_id: a, client_secret: '${env:SRC}' } } }", "lake.catalog.auth")]
    [TestCase("catalog: { uri: 'https://c', auth: { oauth2: { client_id: a, client_secret: '${env:SRC}', token_uri: 'http://idp.internal/token' } } }", "lake.catalog.auth.oauth2.token_uri")]
    [TestCase("catalog: { uri: 'https://c', auth: { sigv4: { service: glue, region: r, access_key: a } } }", "lake.catalog.auth.sigv4.secret_key")]
    [TestCase("catalog: { uri: 'https://c', headers: { Authorization: x } }", "lake.catalog.headers.Authorization")]
    [TestCase("catalog: { uri: 'https://c', access_delegation: vended }", "lake.catalog.access_delegation")]
    [TestCase("store: { endpoint: 'http://store.internal' }", "lake.store.endpoint")]
    [TestCase("store: { access_key: a }", "lake.store.secret_key")]
    [TestCase("store: { secret_key: '${env:SRC}' }", "lake.store.access_key")]
    [TestCase("store: { access_key: a, secret_key: '${env:SRC}', profile: p }", "lake.store.profile")]
    [TestCase("store: { kms_key: k }", "lake.store.kms_key")]
    [TestCase("store: { external_id: e }", "lake.store.external_id")]
    [TestCase("store: { part_bytes: 1MiB }", "lake.store.part_bytes")]
    [TestCase("store: { checksums: sometimes }", "lake.store.checksums")]
    public void A_lake_that_cannot_be_meant_is_refused_at_its_key(string lake, string key) =>
        Assert.That(Samples.Errors($"lake: {{ {lake} }}").Select(error => error.Key), Is.EqualTo(new[] { key }));

    [TestCase("when_required", StoreChecksums.WhenRequired)]
    [TestCase("when-supported", StoreChecksums.WhenSupported)]
    public void Checksums_are_written_with_either_stroke(string text, StoreChecksums checksums) =>
        Assert.That(Samples.Load($"lake: {{ store: {{ checksums: {text} }} }}").Options.Lake.Store.Checksums, Is.EqualTo(checksums));

    [TestCase("catalog: { uri: 'http://127.0.0.1:8181' }")]
    [TestCase("allow_insecure: true, catalog: { uri: 'http://catalog.internal' }, store: { endpoint: 'http://store.internal' }")]
    [TestCase("catalog: { type: sql, warehouse: 's3://b/w', connection: { host: a, database: b, user: c } }")]
    public void A_lake_that_can_be_meant_is_taken(string lake) => Assert.That(() => Samples.Load($"lake: {{ {lake} }}"), Throws.Nothing);
}

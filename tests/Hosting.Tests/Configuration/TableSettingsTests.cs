namespace Philotes.Hosting.Tests.Configuration;

public sealed class TableSettingsTests
{
    [Test]
    public void A_table_that_no_rule_matches_has_no_settings() => Assert.That(Samples.Load(Samples.Full).Options.For("sales", "orders"), Is.Null);

    [Test]
    public void An_excluded_table_has_no_settings() => Assert.That(Samples.Load(Samples.Full).Options.For("public", "tmp_x"), Is.Null);

    [Test]
    public void A_later_rule_overrides_only_the_keys_that_it_says()
    {
        var settings = Samples.Load(Samples.Full).Options.For("public", "weird.name")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.Commit.MaxAge, Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(settings.Commit.MinRows, Is.EqualTo(50_000));
            Assert.That(settings.Partition, Is.EqualTo(new[] { "day(created_at)", "bucket(16,id)" }));
            Assert.That(settings.LakeNamespace, Is.EqualTo("public"));
            Assert.That(settings.LakeTable, Is.EqualTo("weird.name_changelog"));
        }
    }

    [Test]
    public void Names_of_the_lake_are_expanded_once()
    {
        var options = Samples.Load("lake: { namespace: 'raw_{schema}', table: '{source}_{table}' }\nsource: { name: s1 }\ntables: [{ match: '*.*' }]").Options;
        var settings = options.For("{table}", "{schema}")!;
        Assert.That((settings.LakeNamespace, settings.LakeTable), Is.EqualTo(("raw_{table}", "s1_{schema}_changelog")));
    }
}

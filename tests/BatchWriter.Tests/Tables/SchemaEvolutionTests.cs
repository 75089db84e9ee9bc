using Philotes.BatchWriter.Columns;
using Philotes.BatchWriter.Tables;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Tables;

public sealed class SchemaEvolutionTests
{
    [Test]
    public void A_new_table_has_the_sources_columns_in_order_and_then_ours()
    {
        var plan = Plan(null, ("id", "bigint", true), ("name", "text", false));

        Assert.That(plan.Fields.Select(field => field.Name), Is.EqualTo(new[]
        {
            "id", "name", "_cdc_operation", "_cdc_lsn", "_cdc_seq", "_cdc_timestamp", "_cdc_xid", "_cdc_before", "_cdc_unchanged",
        }));
        Assert.That(plan.Fields.Select(field => field.Required), Is.EqualTo(new[] { false, false, true, true, true, true, false, false, false }));
        Assert.That(plan.Fields[7].Type.ToString(), Does.Contain("id: optional long"));
    }

    [Test]
    public void An_added_column_stands_before_ours_and_nothing_else_changes()
    {
        var old = Plan(null, ("id", "bigint", true));

        var plan = Plan(old, ("id", "bigint", true), ("extra", "date", false));

        Assert.That(plan.Changes, Is.EqualTo(new[] { "extra: new, date" }));
        Assert.That(plan.Fields.Take(3).Select(field => field.Name), Is.EqualTo(new[] { "id", "extra", "_cdc_operation" }));
        Assert.That(plan.Fields[1].Id, Is.EqualTo(old.LastColumnId + 1));
    }

    [Test]
    public void Widening_changes_the_column_and_its_field_in_before()
    {
        var old = Plan(null, ("id", "integer", true));

        var plan = Plan(old, ("id", "bigint", true));

        Assert.That(plan.Changes, Is.EqualTo(new[] { "id: int becomes long", "_cdc_before.id: int becomes long" }));
    }

    [Test]
    public void A_change_that_cannot_be_followed_gets_a_new_column_and_the_way_back_finds_the_old_one()
    {
        var first = Plan(null, ("a", "integer", false));
        var second = Plan(first, ("a", "text", false));
        var third = Plan(second, ("a", "integer", false));

        Assert.That(second.Fields.Take(2).Select(field => field.Name), Is.EqualTo(new[] { "a", "a__v2" }));
        Assert.That(third.Changes, Is.Empty);
    }

    [Test]
    public void Rows_of_an_older_and_narrower_schema_fit_the_wider_column()
    {
        var wide = Plan(Plan(null, ("a", "numeric(5,2)", false)), ("a", "numeric(9,2)", false));

        Assert.That(Plan(wide, ("a", "numeric(5,2)", false)).Changes, Is.Empty);
    }

    [Test]
    public void A_source_column_named_like_ours_keeps_its_name()
    {
        var plan = Plan(null, ("_cdc_lsn", "text", false), ("_file", "text", false));

        Assert.That(plan.Fields.Select(field => field.Name), Is.SupersetOf(new[] { "_cdc_lsn", "_cdc_lsn_2", "_file_2" }));
        Assert.That(plan.Roles.Ours["_cdc_lsn"], Is.EqualTo(plan.Fields.Single(field => field.Name == "_cdc_lsn_2").Id));
    }

    [Test]
    public void Roles_survive_their_property()
    {
        var roles = Plan(null, ("id", "bigint", true), ("né \"x\"", "text", false)).Roles;

        var read = FieldRoles.Parse(roles.ToJson());

        Assert.That(read.Sources, Is.EqualTo(roles.Sources));
        Assert.That(read.Ours, Is.EqualTo(roles.Ours));
    }

    [Test]
    public void Replica_identity_full_has_a_before_only_when_asked_for()
    {
        var schema = WriterBench.Schema("t", 'f', ("a", "text", true), ("b", "text", true));

        Assert.That(SchemaEvolution.BeforeColumns(schema, BeforeImage.Key), Is.Empty);
        Assert.That(SchemaEvolution.BeforeColumns(schema, BeforeImage.Full), Has.Count.EqualTo(2));
    }

    private static ChangelogPlan Plan(ChangelogPlan? old, params (string, string, bool)[] columns) => SchemaEvolution.Plan(
        old?.Fields ?? [], old?.Roles ?? FieldRoles.Empty, old?.LastColumnId ?? 0, WriterBench.Schema("t", 'd', columns), TypeChoices.Default, BeforeImage.Key);
}

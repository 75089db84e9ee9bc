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
        var wide = Plan(Plan(null, 1, ("a", 1, "numeric(5,2)")), 2, ("a", 1, "numeric(9,2)"));

        Assert.That(Plan(wide, 1, ("a", 1, "numeric(5,2)")).Changes, Is.Empty);
    }

    [Test]
    public void Fewer_digits_than_before_are_another_type()
    {
        var wide = Plan(null, 1, ("a", 1, "numeric(9,2)"));

        var narrow = Plan(wide, 2, ("a", 1, "numeric(5,2)"));

        Assert.That(Names(narrow), Is.EqualTo(new[] { "a", "a__v2" }));
        Assert.That(Plan(narrow, 1, ("a", 1, "numeric(9,2)")).Changes, Is.Empty);
        Assert.That(TargetOf(narrow, 1, ("a", 1, "numeric(9,2)")), Is.EqualTo("a"));
        Assert.That(TargetOf(narrow, 2, ("a", 1, "numeric(5,2)")), Is.EqualTo("a__v2"));
    }

    [Test]
    public void A_column_is_its_number_and_a_name_is_only_its_name()
    {
        var old = Plan(null, 1, ("a", 1, "integer"), ("b", 2, "integer"));

        var swapped = Plan(old, 2, ("b", 1, "integer"), ("a", 2, "integer"));

        Assert.That(Names(swapped), Is.EqualTo(new[] { "b", "a" }));
        Assert.That(swapped.LastColumnId, Is.EqualTo(old.LastColumnId));
        Assert.That(TargetOf(swapped, 1, ("a", 1, "integer")), Is.EqualTo("b"), "an older version is written to the field of the same column");
        Assert.That(Plan(swapped, 1, ("a", 1, "integer"), ("b", 2, "integer")).Changes, Is.Empty);
    }

    [Test]
    public void A_name_that_is_used_again_is_a_new_field_and_the_old_one_makes_room()
    {
        var old = Plan(null, 1, ("id", 1, "integer"), ("a", 2, "text"));
        var second = Plan(old, 2, ("id", 1, "integer"), ("a", 3, "text"));
        var third = Plan(second, 3, ("id", 1, "integer"), ("a", 4, "text"));

        Assert.That(Names(second), Is.EqualTo(new[] { "id", "a__dropped_1", "a" }));
        Assert.That(second.Fields[2].Id, Is.EqualTo(old.LastColumnId + 1));
        Assert.That(Names(third), Is.EqualTo(new[] { "id", "a__dropped_1", "a__dropped_2", "a" }));
    }

    [Test]
    public void A_rename_takes_the_later_fields_of_the_column_along_and_leaves_names_that_others_gave()
    {
        var plan = Plan(Plan(null, 1, ("a", 1, "integer"), ("b", 2, "text")), 2, ("a", 1, "text"), ("b", 2, "text"));
        var renamedInLake = plan with { Fields = [.. plan.Fields.Select(field => field.Name == "b" ? field with { Name = "betrag" } : field)] };

        var renamed = Plan(renamedInLake, 3, ("x", 1, "text"), ("y", 2, "text"));

        Assert.That(Names(renamed), Is.EqualTo(new[] { "x", "betrag", "x__v2" }));
    }

    [Test]
    public void A_dropped_column_stays_or_goes_as_configured_and_one_that_is_only_unpublished_stays()
    {
        var rules = Rules with { OnDropColumn = OnDropColumn.Drop };
        var old = Plan(null, 1, ("id", 1, "integer"), ("a", 2, "text"), ("b", 3, "text"), ("c", 4, "text"));
        var source = Schema(2, ("id", 1, "integer")) with { Dropped = [2, 4] };

        var kept = SchemaEvolution.Plan(old.Fields, old.Roles, old.LastColumnId, source, Rules);
        var dropped = SchemaEvolution.Plan(old.Fields, old.Roles, old.LastColumnId, source, rules with { Pinned = new HashSet<int> { 4 } });

        Assert.That(Names(kept), Is.EqualTo(new[] { "id", "a", "b", "c" }));
        Assert.That(Names(dropped), Is.EqualTo(new[] { "id", "b", "c" }), "c is a partition's source");
    }

    [Test]
    public void What_follows_a_type_that_cannot_be_followed_is_chosen_and_said()
    {
        var old = Plan(null, 1, ("amount", 1, "timestamp without time zone"));
        var source = Schema(2, ("amount", 1, "timestamp with time zone"));

        var added = SchemaEvolution.Plan(old.Fields, old.Roles, old.LastColumnId, source, Rules);
        var text = SchemaEvolution.Plan(old.Fields, old.Roles, old.LastColumnId, source, Rules with { OnTypeChange = OnTypeChange.String });

        Assert.That(added.Fields[1].ToString(), Does.EndWith("amount__v2: optional timestamptz"));
        Assert.That(text.Fields[1].ToString(), Does.EndWith("amount__v2: optional string"));
        Assert.That(SchemaEvolution.Plan(text.Fields, text.Roles, text.LastColumnId, Schema(3, ("amount", 1, "integer")), Rules).Changes, Is.Empty, "text takes every later type");
        Assert.That(added.Notices.Single().Text, Does.Contain("timestamp with time zone").And.Contain("timestamptz").And.Contain("is timestamp,").And.Contain("on_type_change: new-column"));
        Assert.That(
            () => SchemaEvolution.Plan(old.Fields, old.Roles, old.LastColumnId, source, Rules with { OnTypeChange = OnTypeChange.Block }),
            Throws.TypeOf<PhilotesException>().With.Property("Code").EqualTo("PH201"));
    }

    [Test]
    public void A_recreated_table_that_goes_on_keeps_fields_of_the_same_name_and_type()
    {
        var old = Plan(null, 1, ("id", 1, "integer"), ("a", 2, "text"), ("b", 3, "date"));

        var again = SchemaEvolution.Plan(
            old.Fields, old.Roles, old.LastColumnId, Schema(9, ("id", 1, "bigint"), ("b", 2, "text"), ("a", 3, "text")) with { Incarnation = 2 }, Rules);

        Assert.That(Names(again), Is.EqualTo(new[] { "id", "a", "b__dropped_1", "b" }));
        Assert.That(again.Fields[0].Type, Is.EqualTo(new LongType()));
    }

    [Test]
    public void One_of_ours_makes_room_for_a_source_column_of_its_name()
    {
        var plan = Plan(Plan(null, 1, ("id", 1, "integer")), 2, ("id", 1, "integer"), ("_cdc_lsn", 2, "text"));

        Assert.That(plan.Fields.Single(field => field.Id == plan.Roles.Ours["_cdc_lsn"]).Name, Is.EqualTo("_cdc_lsn_2"));
        Assert.That(plan.Fields.Single(field => field.Name == "_cdc_lsn").Type, Is.EqualTo(new StringType()));
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

    private static EvolutionRules Rules { get; } =
        new(TypeChoices.Default, BeforeImage.Key, OnTypeChange.NewColumn, OnDropColumn.Keep, new HashSet<int>());

    private static ChangelogPlan Plan(ChangelogPlan? old, params (string, string, bool)[] columns) => SchemaEvolution.Plan(
        old?.Fields ?? [], old?.Roles ?? FieldRoles.Empty, old?.LastColumnId ?? 0, WriterBench.Schema("t", 'd', columns), Rules);

    private static ChangelogPlan Plan(ChangelogPlan? old, int version, params (string, int, string)[] columns) => SchemaEvolution.Plan(
        old?.Fields ?? [], old?.Roles ?? FieldRoles.Empty, old?.LastColumnId ?? 0, Schema(version, columns), Rules);

    private static TableSchema Schema(int version, params (string Name, int Number, string Type)[] columns) => new(
        16_384, new TableName("public", "t"), 'd', [.. columns.Select(column => new ColumnSchema(column.Name, column.Type, IsKey: false) { Number = column.Number })])
    {
        Version = version,
    };

    /// <summary>The source's columns.</summary>
    private static IEnumerable<string> Names(ChangelogPlan plan) => plan.Fields.Where(field => plan.Roles.Sources.ContainsKey(field.Id)).Select(field => field.Name);

    private static string? TargetOf(ChangelogPlan plan, int version, (string, int, string Type) column)
    {
        var schema = Schema(version, column);
        return SchemaEvolution.Target(plan.Fields, plan.Roles, schema, schema.Columns[0], TypeMap.For(schema.Columns[0], TypeChoices.Default))?.Name;
    }
}

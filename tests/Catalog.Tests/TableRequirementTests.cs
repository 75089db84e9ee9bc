using System.Text.Json.Nodes;
using Philotes.SqlCatalog;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.Catalog.Tests;

internal sealed class TableRequirementTests
{
    static readonly JsonObject Table = Documents.Object("""
        {"table-uuid": "AB", "last-column-id": 2, "current-schema-id": 0, "last-partition-id": 999, "default-spec-id": 0, "default-sort-order-id": 0,
         "refs": {"main": {"type": "branch", "snapshot-id": 7}, "old": {"type": "tag", "snapshot-id": 6}}}
        """);

    [TestCase("""{"type": "assert-table-uuid", "uuid": "ab"}""")]
    [TestCase("""{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 7}""")]
    [TestCase("""{"type": "assert-ref-snapshot-id", "ref": "other", "snapshot-id": null}""")]
    [TestCase("""{"type": "assert-last-assigned-field-id", "last-assigned-field-id": 2}""")]
    [TestCase("""{"type": "assert-current-schema-id", "current-schema-id": 0}""")]
    [TestCase("""{"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 999}""")]
    [TestCase("""{"type": "assert-default-spec-id", "default-spec-id": 0}""")]
    [TestCase("""{"type": "assert-default-sort-order-id", "default-sort-order-id": 0}""")]
    public void A_requirement_that_holds_lets_the_commit_pass(string requirement) =>
        Assert.DoesNotThrow(() => TableRequirements.Check(Table, Documents.Object(requirement)));

    [TestCase("""{"type": "assert-create"}""", "Requirement failed: table already exists")]
    [TestCase("""{"type": "assert-table-uuid", "uuid": "x"}""", "Requirement failed: UUID does not match: expected AB != x")]
    [TestCase("""{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 8}""", "Requirement failed: branch main has changed: expected id 8 != 7")]
    [TestCase("""{"type": "assert-ref-snapshot-id", "ref": "old", "snapshot-id": null}""", "Requirement failed: tag old was created concurrently")]
    [TestCase("""{"type": "assert-ref-snapshot-id", "ref": "x", "snapshot-id": 7}""", "Requirement failed: branch or tag x is missing, expected 7")]
    [TestCase("""{"type": "assert-last-assigned-field-id", "last-assigned-field-id": 1}""", "Requirement failed: last assigned field id changed")]
    [TestCase("""{"type": "assert-current-schema-id", "current-schema-id": 1}""", "Requirement failed: current schema changed: expected id 1 != 0")]
    [TestCase("""{"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 1}""", "Requirement failed: last assigned partition id changed")]
    [TestCase("""{"type": "assert-default-spec-id", "default-spec-id": 1}""", "Requirement failed: default partition spec changed")]
    [TestCase("""{"type": "assert-default-sort-order-id", "default-sort-order-id": 1}""", "Requirement failed: default sort order changed")]
    public void A_requirement_that_does_not_hold_is_a_conflict_in_the_reference_words(string requirement, string words)
    {
        var refused = Assert.Throws<CatalogException>(() => TableRequirements.Check(Table, Documents.Object(requirement)))!;
        Assert.That((refused.Status, refused.Type), Is.EqualTo((409, "CommitFailedException")));
        Assert.That(refused.Message, Does.StartWith(words));
    }

    [TestCase("""{"type": "assert-the-weather"}""")]
    [TestCase("""{"ref": "main"}""")]
    [TestCase("""{"type": "assert-current-schema-id", "current-schema-id": "zero"}""")]
    public void A_requirement_that_nobody_can_judge_is_the_callers_error(string requirement) =>
        Assert.That(
            () => TableRequirements.Check(Table, Documents.Object(requirement)),
            Throws.TypeOf<CatalogException>().With.Property("Status").EqualTo(400));
}

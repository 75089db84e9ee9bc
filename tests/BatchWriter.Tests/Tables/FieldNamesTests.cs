using Philotes.BatchWriter.Tables;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Tests.Tables;

public sealed class FieldNamesTests
{
    private static readonly StructType Point = new([new NestedField(3, "x", Required: false, new IntType())]);

    [TestCase("v", "v_2")]
    [TestCase("v.x", "v.x_2")]
    [TestCase("_file", "_file_2")]
    [TestCase("w", "w")]
    public void A_name_gives_way_to_another_field_its_path_and_a_reserved_one(string wanted, string free) =>
        Assert.That(FieldNames.Free(wanted, [new NestedField(1, "v", Required: false, Point)], new StringType()), Is.EqualTo(free));

    [Test]
    public void A_struct_gives_way_to_a_column_that_is_named_as_its_field_is_reached() =>
        Assert.That(FieldNames.Free("v", [new NestedField(1, "v.x", Required: false, new IntType())], Point), Is.EqualTo("v_2"));
}

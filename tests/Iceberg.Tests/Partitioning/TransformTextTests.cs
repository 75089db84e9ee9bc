using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Partitioning;

internal sealed class TransformTextTests
{
    private static readonly IcebergSchema Schema = new(0,
    [
        new NestedField(1, "id", Required: true, new LongType()),
        new NestedField(2, "name", Required: false, new StringType()),
        new NestedField(3, "created_at", Required: false, new TimestampTzType()),
        new NestedField(4, "odd \"name\", really", Required: false, new StringType()),
        new NestedField(5, "ratio", Required: false, new DoubleType()),
        new NestedField(6, "name_trunc2", Required: false, new StringType()),
    ]);

    [Test]
    public void Configuration_texts_become_a_spec()
    {
        var spec = PartitionSpec.Parse(["day(created_at)", "bucket(16,id)", " truncate( 10 , name ) ", "id", "truncate(2, \"odd \"\"name\"\", really\")"], Schema);
        Assert.That(spec.FieldsToJson(), Is.EqualTo("""
            [{"name":"created_at_day","transform":"day","source-id":3,"field-id":1000},
            {"name":"id_bucket","transform":"bucket[16]","source-id":1,"field-id":1001},
            {"name":"name_trunc","transform":"truncate[10]","source-id":2,"field-id":1002},
            {"name":"id","transform":"identity","source-id":1,"field-id":1003},
            {"name":"odd \u0022name\u0022, really_trunc","transform":"truncate[2]","source-id":4,"field-id":1004}]
            """.ReplaceLineEndings("")));
    }

    [TestCase("id", "identity", SortDirection.Ascending, NullOrder.First)]
    [TestCase("id desc", "identity", SortDirection.Descending, NullOrder.Last)]
    [TestCase("id DESC NULLS FIRST", "identity", SortDirection.Descending, NullOrder.First)]
    [TestCase("bucket(4, id) asc nulls last", "bucket[4]", SortDirection.Ascending, NullOrder.Last)]
    [TestCase("day(created_at) nulls last", "day", SortDirection.Ascending, NullOrder.Last)]
    public void Configuration_texts_become_a_sort_order(string text, string transform, SortDirection direction, NullOrder nulls)
    {
        var field = SortOrder.Parse([text], Schema).Fields.Single();
        Assert.That((field.Transform.ToString(), field.Direction, field.NullOrder), Is.EqualTo((transform, direction, nulls)));
    }

    [TestCase("day(id)", "does not apply to column 'id' of type long")]
    [TestCase("bucket(4, ratio)", "does not apply to column 'ratio' of type double")]
    [TestCase("day(nothing)", "names column 'nothing', which the table does not have; it has id, name")]
    [TestCase("week(created_at)", "there is no transform 'week'; there are year, month")]
    [TestCase("bucket(id)", "bucket takes a number")]
    [TestCase("bucket(0, id)", "bucket takes a number")]
    [TestCase("bucket(99999999999, id)", "bucket takes a number")]
    [TestCase("day(3, created_at)", "day takes a column only")]
    [TestCase("day(created_at", "is not a partitioning")]
    [TestCase("id desc", "is not a partitioning")]
    [TestCase("", "is not a partitioning")]
    public void A_wrong_text_says_what_is_wrong(string text, string message) =>
        Assert.That(() => PartitionSpec.Parse([text], Schema), Throws.TypeOf<IcebergFormatException>().With.Message.Contains(message).And.Message.Contains($"'{text}'"));

    [Test]
    public void Two_fields_of_one_name_are_refused() =>
        Assert.That(() => PartitionSpec.Parse(["bucket(4, id)", "bucket(8, id)"], Schema), Throws.TypeOf<IcebergFormatException>().With.Message.Contains("'id_bucket'"));

    [Test]
    public void Specs_and_orders_round_trip_through_json()
    {
        var spec = PartitionSpec.Parse(["day(created_at)", "bucket(16,id)"], Schema);
        var order = SortOrder.Parse(["id desc nulls last", "name"], Schema);
        using var specJson = System.Text.Json.JsonDocument.Parse(spec.ToJson());
        using var orderJson = System.Text.Json.JsonDocument.Parse(order.ToJson());
        Assert.That(PartitionSpec.Read(specJson.RootElement), Is.EqualTo(spec));
        Assert.That(SortOrder.Read(orderJson.RootElement), Is.EqualTo(order));
    }

    [Test]
    public void Partition_paths_are_readable_and_escaped()
    {
        var spec = PartitionSpec.Parse(["year(created_at)", "month(created_at)", "day(created_at)", "hour(created_at)", "name", "id"], Schema);
        var values = spec.Partition(Schema, id => id switch { 1 => null, 2 => "a b/c=d\u00E9", _ => (object)1_510_871_468_000_000 });
        Assert.That(spec.PartitionPath(Schema, values), Is.EqualTo(
            "created_at_year=2017/created_at_month=2017-11/created_at_day=2017-11-16/created_at_hour=2017-11-16-22/name=a+b%2Fc%3Dd%C3%A9/id=null"));
    }

    [Test]
    public void Partition_tuples_are_equal_by_value()
    {
        Assert.That(new PartitionValues(new byte[] { 1 }, double.NaN, null), Is.EqualTo(new PartitionValues(new byte[] { 1 }, -double.NaN, null)));
        Assert.That(new PartitionValues(0.0d), Is.Not.EqualTo(new PartitionValues(-0.0d)));
        Assert.That(new PartitionValues("a", 1).GetHashCode(), Is.EqualTo(new PartitionValues("a", 1).GetHashCode()));
    }
}

using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Types;

internal sealed class IcebergSchemaTests
{
    private const string EveryType = """
        {"type":"struct","schema-id":3,"identifier-field-ids":[1],"fields":[
        {"id":1,"name":"id","required":true,"type":"long","doc":"the key"},
        {"id":2,"name":"price","required":false,"type":"decimal(9, 2)"},
        {"id":3,"name":"tags","required":false,"type":{"type":"list","element-id":4,"element":"string","element-required":false}},
        {"id":5,"name":"attributes","required":false,"type":{"type":"map","key-id":6,"key":"string","value-id":7,"value":{"type":"struct","fields":[
        {"id":8,"name":"a","required":false,"type":"timestamptz"}]},"value-required":true}},
        {"id":9,"name":"hash","required":false,"type":"fixed[16]"}]}
        """;

    [Test]
    public void A_schema_round_trips_through_json() =>
        Assert.That(IcebergSchema.Parse(IcebergSchema.Parse(EveryType).ToJson()), Is.EqualTo(IcebergSchema.Parse(EveryType)));

    [Test]
    public void A_schema_writes_the_json_that_it_was_read_from() =>
        Assert.That(IcebergSchema.Parse(EveryType).ToJson(), Is.EqualTo(EveryType.ReplaceLineEndings("")));

    [Test]
    public void Fields_are_found_however_deep()
    {
        var schema = IcebergSchema.Parse(EveryType);
        Assert.That(schema.FindField(8)?.Name, Is.EqualTo("a"));
        Assert.That(schema.FindField(4)?.Name, Is.EqualTo("element"));
        Assert.That(schema.HighestFieldId(), Is.EqualTo(9));
    }

    [TestCase("decimal(9,2)", "decimal(9, 2)")]
    [TestCase("fixed[3]", "fixed[3]")]
    public void Types_with_arguments_parse(string text, string printed) => Assert.That(IcebergType.Parse(text).ToString(), Is.EqualTo(printed));

    [TestCase("decimal(39, 2)")]
    [TestCase("decimal(3, 4)")]
    [TestCase("fixed[-1]")]
    [TestCase("variant")]
    [TestCase("INT")]
    [TestCase("")]
    public void Unknown_types_are_refused_by_name(string text) =>
        Assert.That(() => IcebergType.Parse(text), Throws.TypeOf<IcebergFormatException>().With.Message.Contains($"'{text}'"));

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("{\"fields\":[{\"id\":\"x\"}]}")]
    [TestCase("not json")]
    public void What_is_no_schema_is_a_format_error(string json) => Assert.That(() => IcebergSchema.Parse(json), Throws.TypeOf<IcebergFormatException>());
}
